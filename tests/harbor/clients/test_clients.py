"""Clients that others wrote, against the stand-in: it must not merely agree with ours.

What they send and get is held against the published API on the way; a violation is an answer 500.
"""

import json
import os
import subprocess
import tempfile
import unittest

import harbor_client
import harborapi
from harbor_client.rest import ApiException
from harborapi import models
from harborapi.exceptions import BadRequest, Conflict, Forbidden, NotFound, Unauthorized

STAND_IN = os.environ["STAND_IN"]


class Site(unittest.TestCase):
    version = "2.13.2"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        process = subprocess.Popen(
            [STAND_IN, "--folder", folder.name, "--version", self.version],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stdout.close)
        self.site = json.loads(process.stdout.readline())
        self.upstream = self.site["upstream"]


class Generated(Site):
    """The client that was generated from Harbor's API description."""

    def client(self, username=None, password=None):
        configuration = harbor_client.Configuration()
        configuration.host = self.site["url"] + "/api/v2.0"
        configuration.username = username or self.site["username"]
        configuration.password = password or self.site["password"]
        configuration.ssl_ca_cert = self.site["ca_file"]
        return harbor_client.ApiClient(configuration)

    def refused(self, status, code, call, *arguments):
        with self.assertRaises(ApiException) as raised:
            call(*arguments)
        self.assertEqual(raised.exception.status, status, raised.exception.body)
        self.assertEqual(json.loads(raised.exception.body)["errors"][0]["code"], code)

    def endpoint(self, api, name="NVIDIA", **changed):
        credential = harbor_client.RegistryCredential("basic", self.upstream["username"], self.upstream["password"])
        fields = {"type": "docker-registry", "url": "https://nvcr.io", "credential": credential, **changed}
        _, status, headers = api.create_registry_with_http_info(harbor_client.Registry(name=name, **fields))
        self.assertEqual(status, 201)
        return int(headers["Location"].rsplit("/", 1)[1])

    def test_registries(self):
        api = harbor_client.RegistryApi(self.client())
        number = self.endpoint(api)
        found = api.get_registry(number)
        self.assertEqual((found.url, found.status, found.credential.access_secret), ("https://nvcr.io", "healthy", "*****"))
        self.refused(409, "CONFLICT", self.endpoint, api)
        self.refused(400, "BAD_REQUEST", lambda: self.endpoint(api, "other", url="https://nowhere.example.com"))
        api.update_registry(number, harbor_client.RegistryUpdate(description="new", url="https://quay.io"))
        self.assertEqual([(one.name, one.url, one.description) for one in api.list_registries(q="name=NVIDIA")],
                         [("NVIDIA", "https://quay.io", "new")])
        api.ping_registry(harbor_client.RegistryPing(id=number))
        self.assertIn("docker-registry", api.list_registry_provider_types())
        self.assertIn("docker-hub", api.list_registry_provider_infos())
        self.assertEqual(api.get_registry_info(number).type, "docker-registry")
        api.delete_registry(number)
        self.refused(404, "NOT_FOUND", api.get_registry, number)

    def test_projects(self):
        client = self.client()
        number = self.endpoint(harbor_client.RegistryApi(client))
        api = harbor_client.ProjectApi(client)
        metadata = harbor_client.ProjectMetadata(public="false", proxy_speed_kb="100")
        api.create_project(harbor_client.ProjectReq("nvidiaio", metadata=metadata, registry_id=number, storage_limit=-1))
        found = api.get_project("nvidiaio", x_is_resource_name=True)
        self.assertEqual((found.registry_id, found.metadata.proxy_speed_kb, found.metadata.public), (number, "100", "false"))
        api.update_project("nvidiaio", harbor_client.ProjectReq(metadata=harbor_client.ProjectMetadata(public="true")))
        found = api.get_project("nvidiaio")
        self.assertEqual((found.metadata.proxy_speed_kb, found.metadata.public), ("100", "true"))
        self.assertEqual({one.name for one in api.list_projects()}, {"library", "nvidiaio"})
        self.assertEqual(api.get_project_summary("nvidiaio").registry.name, "NVIDIA")

        quotas = harbor_client.QuotaApi(client)
        quota, = quotas.list_quotas(reference="project", reference_id=str(found.project_id))
        quotas.update_quota(quota.id, {"hard": {"storage": 1 << 30}})
        self.assertEqual(quotas.get_quota(quota.id).hard, {"storage": 1 << 30})

        retentions = harbor_client.RetentionApi(client)
        policy = retentions.get_retention(int(found.metadata.retention_id))
        self.assertEqual(policy.rules[0].params, {"nDaysSinceLastPull": 7})
        policy.rules[0].params = {"nDaysSinceLastPull": 90}
        retentions.update_retention(policy.id, policy)
        self.assertEqual(retentions.get_retention(policy.id).rules[0].params, {"nDaysSinceLastPull": 90})

    def test_robots(self):
        client = self.client()
        robots = harbor_client.RobotApi(client)
        access = [harbor_client.Access("registry", "list")]
        made = robots.create_robot(harbor_client.RobotCreate(
            name="lists", level="system", duration=-1,
            permissions=[harbor_client.RobotPermission("system", "/", access)]))
        self.assertEqual(made.name, "robot$lists")
        robot = self.client(made.name, made.secret)
        self.assertEqual(harbor_client.RegistryApi(robot).list_registries(), [])
        self.refused(403, "FORBIDDEN", harbor_client.RegistryApi(robot).list_registry_provider_types)
        found = robots.get_robot_by_id(made.id)
        self.assertFalse(found.secret)
        found.description = "changed"
        robots.update_robot(made.id, found)
        self.assertEqual([one.description for one in robots.list_robot()], ["changed"])
        self.assertTrue(robots.refresh_sec(made.id, harbor_client.RobotSec(secret="")).secret)
        robots.delete_robot(made.id)

    def test_system(self):
        client = self.client()
        self.assertTrue(harbor_client.SysteminfoApi(client).get_system_info().harbor_version.startswith("v" + self.version))
        self.assertEqual(harbor_client.HealthApi(client).get_health().status, "healthy")
        self.assertEqual(harbor_client.StatisticApi(client).get_statistic().total_project_count, 1)
        gc = harbor_client.GcApi(client)
        schedule = harbor_client.ScheduleObj(type="Daily", cron="0 0 0 * * *")
        gc.create_gc_schedule(harbor_client.Schedule(schedule=schedule, parameters={"delete_untagged": True}))
        found = gc.get_gc_schedule()
        self.assertEqual(found.schedule.type, "Daily")
        self.assertTrue(json.loads(found.job_parameters)["delete_untagged"])


class Older(Generated):
    """The same, of the oldest version whose API is at hand and that has all the fields."""

    version = "2.12.0"


class ByHand(Site):
    """The client that was written by hand."""

    def client(self, username=None, password=None):
        return harborapi.HarborClient(
            url=self.site["url"] + "/api/v2.0", username=username or self.site["username"],
            secret=password or self.site["password"], verify=self.site["ca_file"], retry=None,
        )

    def test_it_all(self):
        client = self.client()
        credential = models.RegistryCredential(
            type="basic", access_key=self.upstream["username"], access_secret=self.upstream["password"])
        location = client.create_registry(models.Registry(
            name="NVIDIA", type="docker-registry", url="https://nvcr.io", credential=credential))
        self.assertEqual(location, "/api/v2.0/registries/1")
        self.assertIsNone(client.check_registry_status(models.RegistryPing(id=1)))
        with self.assertRaises(BadRequest):
            client.check_registry_status(models.RegistryPing(type="docker-registry", url="https://nowhere.example.com"))
        client.create_project(models.ProjectReq(project_name="nvidiaio", registry_id=1))
        with self.assertRaises(Conflict):
            client.create_project(models.ProjectReq(project_name="nvidiaio", registry_id=1))
        project = client.get_project("nvidiaio")
        self.assertEqual(project.registry_id, 1)
        self.assertEqual(project.metadata.retention_id, "1")
        self.assertEqual(client.get_retention_policy(1).rules[0].template, "nDaysSinceLastPull")
        with self.assertRaises(NotFound):
            client.get_project("none")
        with self.assertRaises(Unauthorized):
            self.client(password="wrong").get_registries()

    def test_pages(self):
        client = self.client()
        for number in range(23):
            client.create_project(models.ProjectReq(project_name=f"p{number:02}"))
        # It follows the Link headers.
        self.assertEqual(len(client.get_projects(page_size=10)), 24)
        self.assertEqual([one.name for one in client.get_projects(query="name=p07")], ["p07"])

    def test_robots(self):
        client = self.client()
        made = client.create_robot(models.RobotCreate(
            name="weak", level="system", duration=-1,
            permissions=[models.RobotPermission(kind="project", namespace="*", access=[
                models.Access(resource="repository", action="pull")])]))
        with self.assertRaises(Forbidden):
            self.client(made.name, made.secret).create_registry(models.Registry(name="a", type="harbor", url="https://a"))


if __name__ == "__main__":
    unittest.main(warnings="ignore")  # harborapi leaves connections open
