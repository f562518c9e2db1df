import { logEvent } from '@plaza/errors';

export const authorLookupFailed = logEvent({
  event: 'author_lookup_failed',
  level: 'warn',
  message: 'The author of a post could not be read from the users service; the post is shown without author',
  fields: { authorId: 'id of the user', error: 'what failed' },
});
