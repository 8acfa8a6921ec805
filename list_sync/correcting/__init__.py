"""The words of users about titles: find a title, pin it, ban it, review it. Values in and out; nothing is printed."""
