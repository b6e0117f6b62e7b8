//! What can go wrong, and what is said then.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use super::NVIDIA;
use crate::support::harbor::{Harbor, text};

#[test]
fn a_wrong_password() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    assert_snapshot!(harbor.run_with(&["plan"], &[("HARBOR_PASSWORD", "wrong")]).drawn(), @"
    exit code 2
    --- stderr
    error: GET /api/v2.0/registries?page=1&page_size=100: Harbor answers 401: unauthorized
    help: the user or the password is wrong, or the robot has expired: set HARBOR_USERNAME and HARBOR_PASSWORD, or use `--credentials FILE`; a robot's name has a `$`, so write it in single quotes
    ");
}

#[test]
fn no_account_or_a_broken_one() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    fs::write(harbor.path("nothing"), "no colon here\n").expect("written");
    let shown = [
        harbor.run_with(&["plan"], &[("HARBOR_PASSWORD", "")]).stderr,
        harbor.run(&["plan", "--credentials", "nothing"]).stderr,
        harbor.run(&["plan", "--credentials", "absent"]).stderr,
        harbor.run(&["plan", "--harbor-url", "http://harbor.example.com"]).stderr,
        harbor.run(&["plan", "--harbor-url", "https://user:word@harbor.example.com"]).stderr,
        harbor.run(&["plan", "--project", "unknown"]).stderr,
        harbor.run(&["plan", "--ca-file", "policies.yaml"]).stderr,
    ];
    assert_snapshot!(shown.join("\n"), @"
    error: the account's name or password is empty, or holds what can't be sent

    error: `nothing` holds no account: write `NAME:PASSWORD` into it, or a robot as Harbor exports it, with `name` and `secret`

    error: could not read the account in `absent`: No such file or directory (os error 2)

    error: `http://harbor.example.com` is not encrypted, and would show the password to whoever is in between: write `https://`, or add `--insecure`

    error: the address holds a user: name the account by HARBOR_USERNAME and HARBOR_PASSWORD

    error: the policy has no project `unknown`: it has nvidiaio

    error: the CA file holds no certificate in PEM
    ");
}

#[test]
fn an_account_that_others_may_read() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    let file = harbor.path("account");
    fs::write(&file, format!("{}:{}\n", harbor.said("/username"), harbor.said("/password"))).expect("written");
    let with_mode = |mode: u32| {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("set");
        let run = harbor.run(&["plan", "--credentials", "account"]);
        assert_eq!(run.code, 1, "{}", run.drawn());
        run.stderr
    };
    assert_eq!(with_mode(0o600), "");
    assert_snapshot!([with_mode(0o644), with_mode(0o640), with_mode(0o604)].concat(), @"
    warning: `account` holds a password, and its mode 644 lets others read it: run `chmod 600 account`
    warning: `account` holds a password, and its mode 640 lets others read it: run `chmod 600 account`
    warning: `account` holds a password, and its mode 604 lets others read it: run `chmod 600 account`
    ");
}

#[test]
fn a_robot_without_the_right() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    let list = json!([{ "resource": "registry", "action": "list" }, { "resource": "registry", "action": "read" }, { "resource": "project", "action": "list" }]);
    let looks = harbor.robot("looks", json!([{ "kind": "system", "namespace": "/", "access": list }]));
    assert_snapshot!(harbor.run(&["apply", "--yes", "--credentials", text(&looks)]).drawn(), @"
    exit code 2
    --- stderr
    Harbor 2.14.3 at https://HARBOR
    make     endpoint NVIDIA: https://nvcr.io by docker-registry, as $oauthtoken, its secret from $NGC_API_KEY
             because project nvidiaio pulls from nvcr.io, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project nvidiaio: proxy cache on endpoint NVIDIA, private, quota unlimited
             because images of nvcr.io are written into it, and Harbor has no such project (policies.yaml:5:15)
    note     Harbor: this account may not list providers, so they were not checked
    note     Harbor: this account may not list quotas, so they were not compared
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    2 to make, 0 to change, 0 as it should be, 0 that can't be
    [1/2] make endpoint NVIDIA
    error: endpoint NVIDIA: POST /api/v2.0/registries: Harbor answers 403: forbidden
    help: this account lacks the right `registry: create`: use a system admin, or a robot that `harbor-pilot harbor robot manager` makes
    nothing was done; left: endpoint NVIDIA, project nvidiaio. Run it again to go on.
    ");
    let projects = json!([{ "resource": "project", "action": "list" }]);
    let blind = harbor.robot("blind", json!([{ "kind": "system", "namespace": "/", "access": projects }]));
    assert_snapshot!(harbor.run(&["plan", "--credentials", text(&blind)]).drawn(), @"
    exit code 2
    --- stderr
    error: GET /api/v2.0/registries?page=1&page_size=100: Harbor answers 403: forbidden
    help: this account lacks the right `registry: list`: use a system admin, or a robot that `harbor-pilot harbor robot manager` makes
    ");
}

#[test]
fn a_name_that_is_taken() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    let ordinary = harbor.policy(&NVIDIA.replace("nvidiaio", "library")).run(&["apply", "--yes"]);
    assert_snapshot!(ordinary.drawn(), @"
    exit code 2
    --- stderr
    Harbor 2.14.3 at https://HARBOR
    can't    project library: it is an ordinary project and no proxy cache: the webhook would send images to whatever was pushed there
             help: write another `project` in the policy, which is then made; or empty and delete this one in Harbor (policies.yaml:5:15)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    0 to make, 0 to change, 0 as it should be, 1 that can't be
    error: nothing was done
    help: put right what can't be done, or name the projects to go on with by `--project`
    ");
    let body = json!({ "name": "NVIDIA", "type": "docker-registry", "url": "https://quay.io", "credential":
        { "access_key": harbor.said("/upstream/username"), "access_secret": harbor.said("/upstream/password") } });
    harbor.api("POST", "/registries", body);
    assert_snapshot!(harbor.policy(NVIDIA).run(&["apply", "--yes"]).drawn(), @"
    exit code 2
    --- stderr
    Harbor 2.14.3 at https://HARBOR
    can't    endpoint NVIDIA: the name is taken by an endpoint on `quay.io`, and the policy wants `https://nvcr.io`
             help: give the endpoint in the policy another `name`; or change the URL in Harbor, if nothing else uses it (policies.yaml:5:15)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    0 to make, 0 to change, 0 as it should be, 1 that can't be
    error: nothing was done
    help: put right what can't be done, or name the projects to go on with by `--project`
    ");
    assert_eq!(harbor.api("GET", "/registries", Json::Null)[0]["url"], "https://quay.io", "never taken over");
}

#[test]
fn harbor_goes_down_in_the_middle() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    // Five requests to look, one to test the connection, one that makes the endpoint.
    harbor.faults(json!({ "after": 7, "count": -1, "status": 0 }));
    assert_snapshot!(harbor.run(&["apply", "--yes"]).drawn(), @"
    exit code 2
    --- stdout
    done  make endpoint NVIDIA: https://nvcr.io by docker-registry, as $oauthtoken, its secret from $NGC_API_KEY
    --- stderr
    Harbor 2.14.3 at https://HARBOR
    make     endpoint NVIDIA: https://nvcr.io by docker-registry, as $oauthtoken, its secret from $NGC_API_KEY
             because project nvidiaio pulls from nvcr.io, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project nvidiaio: proxy cache on endpoint NVIDIA, private, quota unlimited
             because images of nvcr.io are written into it, and Harbor has no such project (policies.yaml:5:15)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    2 to make, 0 to change, 0 as it should be, 0 that can't be
    [1/2] make endpoint NVIDIA
    [2/2] make project nvidiaio
    error: project nvidiaio: POST /api/v2.0/projects: Harbor can't be reached at https://HARBOR: connection closed before message completed
    help: check the address; `--harbor-url` names it where it differs from the policy's `harbor`, and a proxy of the environment (HTTPS_PROXY, NO_PROXY) is used
    1 of 2 done; left: project nvidiaio. Run it again to go on.
    ");
    harbor.faults(json!({}));
    assert_snapshot!(harbor.run(&["apply", "--yes"]).drawn(), @"
    exit code 0
    --- stdout
    done  make project nvidiaio: proxy cache on endpoint NVIDIA, private, quota unlimited
    --- stderr
    Harbor 2.14.3 at https://HARBOR
    make     project nvidiaio: proxy cache on endpoint NVIDIA, private, quota unlimited
             because images of nvcr.io are written into it, and Harbor has no such project (policies.yaml:5:15)
    fine     endpoint NVIDIA: as the policy wants it
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    note     endpoint NVIDIA: Harbor does not show its secret, so that was not compared; `--renew-secrets` sends it again
    1 to make, 0 to change, 1 as it should be, 0 that can't be
    [1/1] make project nvidiaio
    ");
    assert_eq!(harbor.run(&["plan"]).code, 0);
}

/// The request was carried out, and nobody heard so.
#[test]
fn an_answer_is_lost() {
    for after in [6, 7] {
        let Some(harbor) = Harbor::start("2.14.3") else { return };
        harbor.policy(NVIDIA);
        harbor.faults(json!({ "after": after, "count": 1, "status": 0, "committed": true }));
        let applied = harbor.run(&["apply", "--yes", "-v"]);
        assert_eq!(applied.code, 0, "{}", applied.drawn());
        assert!(applied.stderr.contains("<- 409"), "{}", applied.stderr);
        assert_eq!(harbor.run(&["plan"]).code, 0);
    }
}

#[test]
fn harbor_is_busy_or_stumbles() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    for (status, count) in [(429, 2), (500, 2), (503, 1)] {
        harbor.faults(json!({ "after": 1, "count": count, "status": status, "retry_after": "1" }));
        assert_eq!(harbor.run(&["plan"]).code, 1, "{status}");
    }
    harbor.faults(json!({ "after": 1, "count": -1, "status": 500 }));
    let before = harbor.asked().len();
    assert_snapshot!(harbor.run(&["plan"]).drawn(), @"
    exit code 2
    --- stderr
    error: GET /api/v2.0/registries?page=1&page_size=100: Harbor answers 500: internal server error
    help: Harbor does not say why: the log of its core does; where an endpoint is saved, often the registry can't be reached or refuses the login
    ");
    assert_eq!(harbor.asked().len() - before, 5, "one that went well, and four times the other");
}

#[test]
fn the_registry_can_t_be_reached_or_refuses_the_key() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    harbor.control("PUT", "/upstream/down", json!(true));
    assert_snapshot!(harbor.run(&["apply", "--yes"]).drawn(), @"
    exit code 2
    --- stderr
    Harbor 2.14.3 at https://HARBOR
    make     endpoint NVIDIA: https://nvcr.io by docker-registry, as $oauthtoken, its secret from $NGC_API_KEY
             because project nvidiaio pulls from nvcr.io, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project nvidiaio: proxy cache on endpoint NVIDIA, private, quota unlimited
             because images of nvcr.io are written into it, and Harbor has no such project (policies.yaml:5:15)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    2 to make, 0 to change, 0 as it should be, 0 that can't be
    [1/2] make endpoint NVIDIA
    error: endpoint NVIDIA: POST /api/v2.0/registries/ping: Harbor answers 400: the registry is unhealthy
    help: Harbor could not reach the registry, or not log in there: check `url`, `accessId` and the secret, and whether Harbor's own network lets it out
    nothing was done; left: endpoint NVIDIA, project nvidiaio. Run it again to go on.
    ");
    harbor.control("PUT", "/upstream/down", json!(false));
    let wrong = harbor.run_with(&["apply", "--yes"], &[("NGC_API_KEY", "wrong-key")]);
    assert!(wrong.stderr.contains("check `url`, `accessId` and the secret"), "{}", wrong.stderr);
    assert_eq!(
        harbor.api("GET", "/registries", Json::Null).as_array().map_or(0, Vec::len),
        0,
        "nothing is saved untested"
    );
    assert_snapshot!(harbor.run_with(&["apply", "--yes"], &[("NGC_API_KEY", "")]).stderr, @"
    Harbor 2.14.3 at https://HARBOR
    make     endpoint NVIDIA: https://nvcr.io by docker-registry, as $oauthtoken, its secret from $NGC_API_KEY
             because project nvidiaio pulls from nvcr.io, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project nvidiaio: proxy cache on endpoint NVIDIA, private, quota unlimited
             because images of nvcr.io are written into it, and Harbor has no such project (policies.yaml:5:15)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    2 to make, 0 to change, 0 as it should be, 0 that can't be
    error: the environment variable NGC_API_KEY is empty
    nothing was done
    ");
}

#[test]
fn an_old_version_lacks_a_field() {
    let Some(harbor) = Harbor::start("2.10.0") else { return };
    fs::copy(harbor.said("/upstream/ca_file"), harbor.path("ca.pem")).expect("copied");
    let lines = NVIDIA
        .replace("{env: NGC_API_KEY}", "{env: NGC_API_KEY}, caFile: ca.pem")
        .replace("quota: -1", "proxySpeed: 5");
    assert_snapshot!(harbor.policy(&lines).run(&["plan"]).drawn(), @"
    exit code 2
    --- stdout
    Harbor 2.10 at https://HARBOR
    can't    endpoint NVIDIA: Harbor 2.10 can't hold a CA for one endpoint, which 2.15 can
             help: add the CA to those that all of Harbor trusts, and delete `caFile`; or update Harbor (policies.yaml:5:15)
    note     Harbor: 2.10 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    0 to make, 0 to change, 0 as it should be, 1 that can't be
    ");
}

/// A registry with a CA of its own, which newer versions can hold.
#[test]
fn a_ca_is_given_to_harbor() {
    let Some(harbor) = Harbor::start("2.15.1") else { return };
    fs::copy(harbor.said("/upstream/untrusted_ca_file"), harbor.path("ca.pem")).expect("copied");
    let untrusted = NVIDIA.replace("https://nvcr.io", harbor.said("/upstream/untrusted_url"));
    let refused = harbor.policy(&untrusted).run(&["apply", "--yes"]);
    assert_eq!(refused.code, 2, "{}", refused.drawn());
    let trusted = untrusted.replace("{env: NGC_API_KEY}", "{env: NGC_API_KEY}, caFile: ca.pem");
    let applied = harbor.policy(&trusted).run(&["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.drawn());
    assert_eq!(harbor.run(&["plan"]).code, 0);
}

#[test]
fn a_certificate_that_nobody_trusts() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    let other = harbor.said("/upstream/untrusted_ca_file").to_owned();
    assert_snapshot!(harbor.run(&["plan", "--ca-file", &other]).drawn(), @"
    exit code 2
    --- stderr
    error: GET /api/v2.0/systeminfo: Harbor's certificate is not trusted: invalid peer certificate: UnknownIssuer
    help: name the CA that signed Harbor's certificate by `--ca-file`; `--insecure` trusts any
    ");
    assert_eq!(harbor.run(&["plan", "--ca-file", &other, "--insecure"]).code, 1);
}

/// One connection that is answered as told; what was asked is returned.
fn answering(answer: &'static str) -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    let asked = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut asked = vec![0; 4096];
        let count = stream.read(&mut asked).expect("a request");
        stream.write_all(answer.as_bytes()).expect("sent");
        String::from_utf8_lossy(&asked[..count]).into_owned()
    });
    (address, asked)
}

#[test]
fn a_redirect_is_not_followed() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    let (address, asked) = answering(
        "HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nSet-Cookie: sid=1\r\nContent-Length: 0\r\n\r\n",
    );
    let run = harbor.run(&["plan", "--insecure", "--harbor-url", &format!("http://{address}")]);
    asked.join().expect("asked");
    assert_snapshot!(run.drawn(), @"
    exit code 2
    --- stderr
    error: GET /api/v2.0/systeminfo: it answers with a redirect to https://evil.example/
    help: redirects are not followed, for they would take the password along: name the right address by `--harbor-url`
    ");
}

#[test]
fn something_else_answers() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    let (address, asked) = answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>");
    let run = harbor.run(&["plan", "--insecure", "--harbor-url", &format!("http://{address}")]);
    assert!(asked.join().expect("asked").starts_with("GET /api/v2.0/systeminfo"));
    assert_snapshot!(run.drawn(), @"
    exit code 2
    --- stderr
    error: GET /api/v2.0/systeminfo: the answer is none of Harbor's: expected value at line 1 column 1
    help: check that the address is Harbor's, and `-v` shows what it said
    ");
}

/// Answers every request the same, until the test ends.
fn answering_always(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a client");
            // Whoever is gone by now heard enough.
            let _ = stream.read(&mut [0; 4096]).and_then(|_| stream.write_all(answer.as_bytes()));
        }
    });
    address
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn no_secret_is_repeated_that_an_answer_or_an_address_holds() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    let words = format!(r#"{{"errors":[{{"message":"{}hunter2-password"}}]}}"#, "m".repeat(290));
    let login = STANDARD.encode(format!("{}:hunter2-password", harbor.said("/username")));
    let answers = [
        answer("403 Forbidden", "", &words),
        answer("200 OK", "", r#"{"harbor_version":{"hunter2-password":1}}"#),
        answer("200 OK", "", r#""hunter2-password""#),
        answer("302 Found", "Location: https://evil.example/hunter2-password\r\n", ""),
        answer("502 Bad Gateway", "", &format!("Authorization: Basic {login}")),
        answer("403 Forbidden", "", &format!(r#"{{"errors":[{{"message":"Basic {login}"}}]}}"#)),
        answer("302 Found", &format!("Location: https://evil.example/{login}\r\n"), ""),
    ];
    for answer in answers {
        let url = format!("http://{}", answering_always(answer.clone()));
        let secret = [("HARBOR_PASSWORD", "hunter2-password")];
        let run = harbor.run_with(&["plan", "-v", "--insecure", "--harbor-url", &url], &secret);
        assert_eq!(run.code, 2, "{answer}");
        let shown = format!("{}{}", run.stdout, run.stderr);
        assert!(!shown.contains("hunter2") && !shown.contains(&login), "{answer}: {shown}");
    }
    for url in ["https://admin:hunter2@harbor:99999", "https://admin:hunter2@har bor", "admin:hunter2@harbor"] {
        let run = harbor.run(&["plan", "--harbor-url", url]);
        assert_eq!(run.code, 2, "{url}");
        assert!(run.stderr.contains("holds a user") && !run.stderr.contains("hunter2"), "{}", run.stderr);
    }
}

/// Straight to Harbor would be where the password must not go.
#[test]
fn a_proxy_that_can_t_be_used() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    let run = |proxy| {
        let arguments = ["plan", "--harbor-url", "https://harbor.example"];
        harbor.run_with(&arguments, &[("HTTPS_PROXY", proxy)])
    };
    assert_snapshot!(run("socks5://me:hunter2@proxy").drawn(), @"
    exit code 2
    --- stderr
    error: GET /api/v2.0/systeminfo: Harbor can't be reached at https://harbor.example: the proxy that HTTPS_PROXY names can't be used: socks5 proxies are not supported, http and https ones are
    help: check the address; `--harbor-url` names it where it differs from the policy's `harbor`, and a proxy of the environment (HTTPS_PROXY, NO_PROXY) is used
    ");
    let closed = run("http://me:hunter2@127.0.0.1:1").stderr;
    assert!(closed.contains("Harbor can't be reached at https://harbor.example by the proxy http://127.0.0.1:1: "));
    for run in [run("http://me:hunter2@["), run("ftp://me:hunter2@proxy")] {
        assert!(run.code == 2 && run.stderr.contains("HTTPS_PROXY names can't be used"), "{}", run.drawn());
        assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
    }
    // Harbor is near, so no proxy is asked.
    assert_eq!(harbor.run_with(&["plan"], &[("HTTPS_PROXY", "http://127.0.0.1:1")]).code, 1);
}

#[test]
fn a_list_without_an_end() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    // 1 MiB in one item, said to go on for ever.
    let list = format!(r#"[{{"id":1,"name":"{}"}}]"#, "a".repeat(1 << 20));
    let discover = |body: &str| {
        let address = answering_always(answer("200 OK", "Link: </x>; rel=\"next\"\r\n", body));
        harbor.run(&[
            "robot",
            "pull",
            "-n",
            "a",
            "--project",
            "nvidiaio",
            "--insecure",
            "--harbor-url",
            &format!("http://{address}"),
        ])
    };
    let endless = discover(&list.replace("\"id\"", "\"project_id\""));
    assert_eq!(endless.code, 2);
    assert!(endless.stderr.contains("the answer is none of Harbor's: the list has no end"), "{}", endless.stderr);
    let empty = discover("[]");
    assert!(empty.stderr.contains("Harbor has no project nvidiaio"), "{}", empty.stderr);
}

#[test]
fn the_environments_proxy_is_used() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    let (address, asked) = answering("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    let proxy = format!("http://{address}");
    let run = harbor.run_with(&["plan", "--harbor-url", "https://harbor.example.com"], &[("HTTPS_PROXY", &proxy)]);
    assert_eq!(run.code, 2);
    assert!(asked.join().expect("asked").starts_with("CONNECT harbor.example.com:443"));
    let run = harbor.run_with(&["plan"], &[("HTTPS_PROXY", "http://127.0.0.1:1"), ("NO_PROXY", "127.0.0.1")]);
    assert_eq!(run.code, 1, "{}", run.drawn());
}
