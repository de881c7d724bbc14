"""Label Studio in place of the page: `tasks` go there, `exported` reads an export, `answers` makes decisions of it."""
