"""Widgets of the sidebar."""
