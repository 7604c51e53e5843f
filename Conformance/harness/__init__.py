"""Scripted phones, a server under test, and the comparison of two servers' answers."""
