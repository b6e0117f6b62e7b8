//! What the core costs, in instructions: the same on a busy machine as on an idle one.
//!
//! Each case runs once to warm up and once to be counted, alone in a process under valgrind. Exit
//! code 1: one is over its limit.

mod cases;

use std::{collections::HashMap, env, process::ExitCode};

use cases::{Case, Limit};
use harbor_pilot_benches::valgrind;

/// The argument that makes this program run one case, instead of counting them.
const RUN: &str = "--run-case";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [RUN, name] => {
            let case = cases::all().into_iter().find(|case| case.name == name).expect("a case of that name");
            valgrind::counted(&mut *(case.prepare)());
            ExitCode::SUCCESS
        }
        [] => measure(""),
        [part] => measure(part),
        _ => {
            eprintln!("expected a part of a case's name, but found {arguments:?}");
            ExitCode::from(2)
        }
    }
}

/// Counts each case, prints it, and holds it to its limit.
fn measure(part: &str) -> ExitCode {
    let mut counted: HashMap<&str, u64> = HashMap::new();
    let mut over = 0;
    println!("{:>12}  case", "instructions");
    for Case { name, limit, .. } in cases::all() {
        let needed = matches!(limit, Limit::Times { of, .. } if of.contains(part));
        if !(name.contains(part) || needed) {
            continue;
        }
        let count = valgrind::count(&[RUN, name]);
        counted.insert(name, count);
        let (most, said) = match limit {
            Limit::None => (None, String::new()),
            Limit::AtMost(most) => (Some(most), format!("at most {most}")),
            Limit::Times { of, hundredths } => {
                let Some(base) = counted.get(of) else { continue };
                let (most, times) = (base * hundredths / 100, hundredths_of(count, *base));
                (Some(most), format!("{times} times `{of}`, at most {}", hundredths_of(hundredths, 100)))
            }
        };
        let is_over = most.is_some_and(|most| count > most);
        over += u32::from(is_over);
        let mark = if is_over { "  OVER ITS LIMIT" } else { "" };
        let said = if said.is_empty() { said } else { format!("  ({said})") };
        println!("{count:>12}  {name}{said}{mark}");
    }
    if over > 0 {
        eprintln!("{over} over their limit");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// `count / of` to two places.
fn hundredths_of(count: u64, of: u64) -> String {
    let hundredths = count * 100 / of;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
