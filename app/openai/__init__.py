"""The API that OpenAI's clients speak (`/v1`): its ids, objects, forms and refusals over the same rows."""
