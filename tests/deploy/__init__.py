"""Tests of the deployment: roles, templates, scaling."""
