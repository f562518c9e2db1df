import type { Model, PipelineStage, QueryFilter } from 'mongoose';
import { isAdmin, type Actor } from '../domain/actor.ts';
import type { PostCursor, PostPage, PostQuery } from '../domain/post.repository.ts';
import { NOT_DELETED, toPost, WITHOUT_LEDGER, type PostDocument } from './post.document.ts';

type Filter = QueryFilter<PostDocument>;
type ScoredPost = PostDocument & { readonly score?: number };

/** The newest first; where words are looked for, the best match first, and the newest of equals. */
export async function listPosts(
  model: Model<PostDocument>,
  query: PostQuery,
  actor: Actor,
): Promise<PostPage> {
  const { text, limit, after } = query;
  const filter: Filter = { ...NOT_DELETED, ...toFilter(query), ...visibleTo(actor) };
  const stages: PipelineStage[] =
    text === undefined
      ? [{ $match: { ...filter, ...olderThan(after) } }, { $sort: { _id: -1 } }]
      : [
          { $match: { ...filter, $text: { $search: toSearchText(text) } } },
          { $set: { score: { $meta: 'textScore' } } },
          { $match: lowerScoreThan(after) },
          { $sort: { score: -1, _id: -1 } },
        ];
  const found = await model.aggregate<ScoredPost>([
    ...stages,
    { $limit: limit + 1 },
    { $unset: Object.keys(WITHOUT_LEDGER) },
  ]);
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return { posts: page.map(toPost), next: last === undefined ? undefined : toCursor(last) };
}

function toFilter({ author, tag, status }: PostQuery): Filter {
  return {
    ...(author === undefined ? {} : { authorId: author }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(status === undefined ? {} : { status }),
  };
}

function visibleTo(actor: Actor): Filter {
  if (actor.kind === 'service' || isAdmin(actor)) return {};
  const published = { status: 'published' as const };
  return actor.kind === 'user' ? { $or: [published, { authorId: actor.userId }] } : { $and: [published] };
}

/** Text search has a syntax (quotes, a minus in front) which MongoDB's relatives read differently: here are words only. */
function toSearchText(text: string): string {
  return text.replaceAll(/["\\-]+/g, ' ');
}

function olderThan(after: PostCursor | undefined): Filter {
  return after === undefined ? {} : { _id: { $lt: after.id } };
}

function lowerScoreThan(after: PostCursor | undefined) {
  if (after === undefined) return {};
  const { score, id } = after;
  return { $or: [{ score: { $lt: score } }, { score, _id: { $lt: id } }] };
}

function toCursor({ _id, score }: ScoredPost): PostCursor {
  return score === undefined ? { id: _id } : { id: _id, score };
}
