"""The CloudFormation templates for AWS, and the commands that push images and deploy."""
