"""The API's description of itself: an OpenAPI document and a page that shows it.

What a route asks of its caller it says itself; `areas` say the rest, operation by operation; `app.answers` are the
shapes.
"""
