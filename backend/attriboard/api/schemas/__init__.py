"""The shapes that cross HTTP. They are the OpenAPI schema, and so the front end's types."""
