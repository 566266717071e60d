"""The web server: routes, schemas, errors, events, security, and the launcher.

    create_app(session, ...)         # app.py: the FastAPI app around one session
    serve(board, ...), show(board)   # launch.py: blocking, or in a notebook
    python -m attriboard.api.openapi # the schema that the front end's types are generated from

Nothing is imported here, so that the command line answers before torch is loaded.
"""
