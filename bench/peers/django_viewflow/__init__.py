"""django-viewflow: a flow of three human tasks, with an audit row and a message beside its own rows."""
