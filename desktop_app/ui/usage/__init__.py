"""The record of use in the window: what is watched, what is asked, what is shown of it."""
