"""The execution role for the script of the first cards: run once, before `first_endpoint.py`.

Each line fits a phone (38 columns), because the cards show this script piece by piece.
"""

import json

import boto3

trust = {
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service":
          "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole"}]}
iam = boto3.client("iam")
iam.create_role(
    RoleName="ChurnJob",
    AssumeRolePolicyDocument=
        json.dumps(trust))

iam.attach_role_policy(
    RoleName="ChurnJob",
    PolicyArn=
      "arn:aws:iam::aws:policy/"
      "AmazonSageMakerFullAccess")

access = {
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow",
        "Action": ["s3:GetObject",
                   "s3:PutObject"],
        "Resource": "arn:aws:s3:::"
            "churn-111122223333/*"}]}
iam.put_role_policy(
    RoleName="ChurnJob",
    PolicyName="churn-data",
    PolicyDocument=json.dumps(access))
