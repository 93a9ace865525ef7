"""Tests of what development runs on."""
