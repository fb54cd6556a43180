"""Environments in which nothing can reach a real AWS account."""

import os
from collections.abc import Mapping

from constructs_lib.local.arns import ACCOUNT, REGION

NOWHERE = os.devnull


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` without a variable of AWS's, and with its files and its metadata service out of reach."""
    kept = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    return kept | {
        "AWS_CONFIG_FILE": NOWHERE,
        "AWS_SHARED_CREDENTIALS_FILE": NOWHERE,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def for_clients(endpoint_url: str, environment: Mapping[str, str]) -> dict[str, str]:
    """For children that call the local AWS, such as the cdk CLI: every service at `endpoint_url`, with dummy keys."""
    return scrubbed(environment) | {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "CDK_DEFAULT_ACCOUNT": ACCOUNT,
        "CDK_DEFAULT_REGION": REGION,
        "NO_PROXY": "localhost,127.0.0.1",
        "no_proxy": "localhost,127.0.0.1",
    }


def for_server(port: int, environment: Mapping[str, str]) -> dict[str, str]:
    """For the server itself: it listens on 127.0.0.1 alone, runs functions as processes, and knows no Docker."""
    return for_clients(f"http://localhost:{port}", environment) | {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "DOCKER_HOST": "unix:///nonexistent",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }
