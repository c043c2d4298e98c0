"""What is offered, where and when: departments, branches, counters, services, calendars."""
