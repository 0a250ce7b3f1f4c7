"""From a CSV file to a prediction, and back to an empty account: the script of the first cards.

Each line fits a phone (38 columns), because the cards show this script piece by piece.
"""

import boto3

REGION = "eu-central-1"
BUCKET = "churn-111122223333"
DATA = f"s3://{BUCKET}/"
NAME = "churn-1"
ROLE = ("arn:aws:iam::111122223333:"
        "role/ChurnJob")
IMAGE = ("492215442770.dkr.ecr."
         "eu-central-1.amazonaws.com/"
         "sagemaker-xgboost:3.0-5")

# Data
s3 = boto3.client("s3", REGION)
s3.create_bucket(
    Bucket=BUCKET,
    CreateBucketConfiguration={
        "LocationConstraint": REGION})
with open("train.csv", "rb") as data:
    s3.put_object(
        Bucket=BUCKET,
        Key="in/train.csv", Body=data)

# Training
sm = boto3.client("sagemaker", REGION)
sm.create_training_job(
    TrainingJobName=NAME,
    RoleArn=ROLE,
    AlgorithmSpecification={
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File"},
    HyperParameters={
        "num_round": "50",
        "objective":
            "binary:logistic"},
    InputDataConfig=[{
        "ChannelName": "train",
        "ContentType": "text/csv",
        "DataSource":
          {"S3DataSource": {
            "S3DataType": "S3Prefix",
            "S3Uri": DATA + "in/"}}}],
    OutputDataConfig={
        "S3OutputPath": DATA + "out"},
    ResourceConfig={
        "InstanceType": "ml.m5.large",
        "InstanceCount": 1,
        "VolumeSizeInGB": 5},
    StoppingCondition={
        "MaxRuntimeInSeconds": 1800})
ended = sm.get_waiter("training_job_"
    "completed_or_stopped")
ended.wait(TrainingJobName=NAME)
job = sm.describe_training_job(
    TrainingJobName=NAME)

# Deployment
sm.create_model(
    ModelName=NAME,
    ExecutionRoleArn=ROLE,
    PrimaryContainer={
        "Image": IMAGE,
        "ModelDataUrl":
            job["ModelArtifacts"]
               ["S3ModelArtifacts"]})
sm.create_endpoint_config(
    EndpointConfigName=NAME,
    ProductionVariants=[{
        "VariantName": "main",
        "ModelName": NAME,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1}])
sm.create_endpoint(
    EndpointName="churn",
    EndpointConfigName=NAME)

# Prediction
try:
    ready = sm.get_waiter(
        "endpoint_in_service")
    ready.wait(EndpointName="churn")
    rt = boto3.client(
        "sagemaker-runtime", REGION)
    answer = rt.invoke_endpoint(
        EndpointName="churn",
        ContentType="text/csv",
        Body="34,2,0")
    print(answer["Body"].read())

# Cleanup
finally:
    sm.delete_endpoint(
        EndpointName="churn")
sm.delete_endpoint_config(
    EndpointConfigName=NAME)
sm.delete_model(ModelName=NAME)
found = s3.list_objects_v2(
    Bucket=BUCKET)
for file in found["Contents"]:
    s3.delete_object(
        Bucket=BUCKET,
        Key=file["Key"])
s3.delete_bucket(Bucket=BUCKET)
logs = boto3.client("logs", REGION)
logs.delete_log_group(
    logGroupName="/aws/sagemaker/"
        "Endpoints/churn")
