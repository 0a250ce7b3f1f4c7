"""The scripts of the first cards run to their ends, and each of their calls is valid. So are the
calls that other essential cards show.
"""

from __future__ import annotations

import io
import json
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from conftest import REPO

SCRIPT = REPO / "decks/scripts/first_endpoint.py"
ROLE = REPO / "decks/scripts/first_role.py"
DATA = Path(sys.prefix) / "data"  # the packages with AWS data, as `make data` installs them

CALLS = [
    "CreateBucket", "PutObject", "CreateTrainingJob", "DescribeTrainingJob",
    "DescribeTrainingJob", "CreateModel", "CreateEndpointConfig", "CreateEndpoint",
    "DescribeEndpoint", "InvokeEndpoint", "DeleteEndpoint", "DeleteEndpointConfig",
    "DeleteModel", "ListObjectsV2", "DeleteObject", "DeleteObject", "DeleteBucket",
    "DeleteLogGroup",
]  # fmt: skip
ARTIFACT = "s3://churn-111122223333/out/churn-1/output/model.tar.gz"
ANSWERS: dict[str, dict[str, Any]] = {
    "DescribeTrainingJob": {
        "TrainingJobStatus": "Completed",
        "ModelArtifacts": {"S3ModelArtifacts": ARTIFACT},
    },
    "DescribeEndpoint": {"EndpointStatus": "InService"},
    "InvokeEndpoint": {"Body": io.BytesIO(b"0.93")},
    "ListObjectsV2": {
        "Contents": [{"Key": "in/train.csv"}, {"Key": "out/churn-1/output/model.tar.gz"}]
    },
}


class Session:
    """Clients of botocore that check each request, and answer it themselves."""

    def __init__(self) -> None:
        from botocore.session import Session as BotocoreSession

        self.session = BotocoreSession()
        self.session.set_credentials("key", "secret")
        self.clients: dict[str, Any] = {}
        self.requests: list[tuple[str, dict[str, Any]]] = []

    def client(self, service: str, region: str = "us-east-1") -> Any:
        if service not in self.clients:
            client = self.session.create_client(service, region_name=region)
            client.meta.events.register("before-call", self.answer)
            self.clients[service] = client
        return self.clients[service]

    def answer(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        """Botocore has checked the request's parameters by now, and would send it next."""
        self.requests.append((model.name, params))
        return type("Response", (), {"status_code": 200}), ANSWERS.get(model.name, {})


@pytest.fixture(scope="module")
def shared() -> Iterator[Session]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DATA))
        yield Session()


@pytest.fixture
def session(shared: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Session:
    boto3 = ModuleType("boto3")
    boto3.client = shared.client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "boto3", boto3)
    (tmp_path / "train.csv").write_text("1,34,2,0\n0,3,1,1\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    shared.requests.clear()
    return shared


def run(text: str) -> None:
    exec(compile(text, str(SCRIPT), "exec"), {"__name__": "__main__"})


def test_each_call_of_the_script_is_valid(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    run(SCRIPT.read_text("utf-8"))
    assert [name for name, _ in session.requests] == CALLS
    assert "0.93" in capsys.readouterr().out
    (model,) = [str(params["body"]) for name, params in session.requests if name == "CreateModel"]
    assert ARTIFACT in model


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ('"num_round": "50"', '"num_round": 50'),
        ("RoleArn=ROLE", "Role=ROLE"),
        ('"InstanceCount": 1', '"InstanceCount": "1"'),
        ("    ModelName=NAME,\n", ""),
    ],
)
def test_a_mistake_in_a_call_is_an_error(session: Session, line: str, mistake: str) -> None:
    from botocore.exceptions import ParamValidationError

    text = SCRIPT.read_text("utf-8")
    assert line in text
    with pytest.raises(ParamValidationError):
        run(text.replace(line, mistake, 1))


def test_the_role_can_be_assumed_by_sagemaker_and_opens_the_bucket(session: Session) -> None:
    run(ROLE.read_text("utf-8"))
    assert [name for name, _ in session.requests] == [
        "CreateRole",
        "AttachRolePolicy",
        "PutRolePolicy",
    ]
    created, attached, put = (params["body"] for _, params in session.requests)
    trust = json.loads(created["AssumeRolePolicyDocument"])["Statement"][0]
    access = json.loads(put["PolicyDocument"])["Statement"][0]
    assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert attached["PolicyArn"] == "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    assert access["Resource"] == "arn:aws:s3:::churn-111122223333/*"
    assert f"role/{created['RoleName']}" in SCRIPT.read_text("utf-8")


def test_the_endpoint_is_deleted_even_if_the_call_fails(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ANSWERS, "InvokeEndpoint", {})
    with pytest.raises(KeyError):
        run(SCRIPT.read_text("utf-8"))
    assert [name for name, _ in session.requests][-1] == "DeleteEndpoint"


def lines_of_the_scripts() -> str:
    """Both scripts, and the first one again without `try` and `finally`: cards show less."""
    script = SCRIPT.read_text("utf-8")
    flat = re.sub(
        r"^(?:try|finally):\n((?: {4}.*\n)+)",
        lambda match: re.sub("^ {4}", "", match[1], flags=re.M),
        script,
        flags=re.M,
    )
    return "\n".join([script, flat, ROLE.read_text("utf-8")])


def test_the_cards_show_lines_of_the_script() -> None:
    script = lines_of_the_scripts()
    shown = 0
    for path in sorted((REPO / "cards").rglob("*.md")):
        for card in re.split(r"^## ", path.read_text("utf-8"), flags=re.M)[1:]:
            if re.search(r"^- topic: first-(script|training-job)$", card, flags=re.M):
                for code in re.findall(r"^```python\n(.*?)^```$", card, flags=re.M | re.S):
                    assert code in script, card.split("\n")[0]
                    shown += 1
    assert shown >= 13


# What the code of a card takes as given, and a call to make after it, if it shows only a part.
GIVEN = """
import json, boto3
REGION, NAME, ROLE = "eu-central-1", "churn-1", "arn:aws:iam::111122223333:role/ChurnJob"
FUNCTION_ARN = "arn:aws:lambda:eu-central-1:111122223333:function:deploy"
ENDPOINT_GROUP, JOB_GROUP = "sg-1", "sg-2"
name, share = "churn-2", 0.25
event = {"detail": {"ModelPackageArn":
    "arn:aws:sagemaker:eu-central-1:111122223333:model-package/churn/2"}}
sm, cw, events, ec2 = map(boto3.client, ("sagemaker", "cloudwatch", "events", "ec2"))
variant = {
    "ServiceNamespace": "sagemaker", "ResourceId": "endpoint/churn/variant/main",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
"""
SNIPPETS = {
    "model-registry-rule-never-calls-function": (["PutRule", "PutTargets"], ""),
    "sagemaker-canary-without-alarm": (
        ["UpdateEndpoint", "UpdateEndpoint"],
        'sm.update_endpoint(EndpointName="e", EndpointConfigName="c", DeploymentConfig=plan)',
    ),
    "sagemaker-endpoint-scaling-set-up-order": (["RegisterScalableTarget"], ""),
    "sagemaker-endpoint-scaling-target-per-second": (
        ["PutScalingPolicy"],
        'boto3.client("application-autoscaling").put_scaling_policy(PolicyName="p", '
        'PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=target, '
        "**variant)",
    ),
    "drift-metric-alarm-without-dimension": (["PutMetricData"], ""),
    "vpc-endpoint-call-times-out": (["AuthorizeSecurityGroupIngress"], ""),
    "cost-explorer-missing-tag": (
        ["CreateEndpoint"],
        'sm.create_endpoint(EndpointName="e", EndpointConfigName="c", Tags=Tags)',
    ),
}


def code_of(identifier: str, language: str) -> list[str]:
    for path in (REPO / "cards").rglob("*.md"):
        for card in re.split(r"^## ", path.read_text("utf-8"), flags=re.M)[1:]:
            if card.startswith(f"{identifier}\n"):
                return re.findall(rf"^```{language}\n(.*?)^```$", card, flags=re.M | re.S)
    raise AssertionError(f"there is no card {identifier}")


@pytest.mark.parametrize("identifier", SNIPPETS)
def test_each_call_that_an_essential_card_shows_is_valid(session: Session, identifier: str) -> None:
    calls, afterward = SNIPPETS[identifier]
    blocks = code_of(identifier, "python")
    assert [line for block in blocks for line in block.split("\n") if len(line) > 38] == []
    run("\n".join([GIVEN, *map(textwrap.dedent, blocks), afterward]))
    assert [name for name, _ in session.requests] == calls


def test_the_template_and_the_commands_on_cards_are_yaml() -> None:
    plan, live = code_of("cloudformation-fixed-configuration-name", "yaml")
    template = yaml.safe_load((plan + live).replace("!GetAtt ", ""))
    assert template["Plan"]["Type"] == "AWS::SageMaker::EndpointConfig"
    assert template["Live"]["Properties"]["EndpointConfigName"] == "Plan.EndpointConfigName"
    (build,) = code_of("codebuild-deployed-despite-failed-tests", "yaml")
    (deploy,) = yaml.safe_load(build)["phases"]["post_build"]["commands"]
    assert deploy.endswith("deploy --stack-name churn --template-file endpoint.yaml")


@pytest.mark.parametrize("script", [SCRIPT, ROLE], ids=lambda script: str(script.stem))
def test_the_lines_of_the_script_fit_a_phone(script: Path) -> None:
    _, code = script.read_text("utf-8").split("import boto3")
    assert [line for line in code.split("\n") if len(line) > 38] == []
