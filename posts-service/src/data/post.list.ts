import type { Model, PipelineStage, QueryFilter } from 'mongoose';
import { isAdmin, type Actor } from '../domain/actor.ts';
import type { Position, PostPage, PostQuery } from '../domain/post.repository.ts';
import { ALIVE, toPost, WITHOUT_BOOKS, type PostDocument } from './post.document.ts';

type Filter = QueryFilter<PostDocument>;
type Found = PostDocument & { readonly score?: number };

/** The newest first; where words are looked for, the best match first, and the newest of equals. */
export async function listPosts(
  model: Model<PostDocument>,
  query: PostQuery,
  actor: Actor,
): Promise<PostPage> {
  const { text, limit, after } = query;
  const filter: Filter = { ...ALIVE, ...asked(query), ...visibleTo(actor) };
  const stages: PipelineStage[] =
    text === undefined
      ? [{ $match: { ...filter, ...olderThan(after) } }, { $sort: { _id: -1 } }]
      : [
          { $match: { ...filter, $text: { $search: anyWordOf(text) } } },
          { $set: { score: { $meta: 'textScore' } } },
          { $match: worseThan(after) },
          { $sort: { score: -1, _id: -1 } },
        ];
  const found = await model.aggregate<Found>([
    ...stages,
    { $limit: limit + 1 },
    { $unset: Object.keys(WITHOUT_BOOKS) },
  ]);
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return { posts: page.map(toPost), next: last === undefined ? undefined : positionOf(last) };
}

function asked({ author, tag, status }: PostQuery): Filter {
  return {
    ...(author === undefined ? {} : { authorId: author }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(status === undefined ? {} : { status }),
  };
}

function visibleTo(actor: Actor): Filter {
  if (actor.kind === 'system' || isAdmin(actor)) return {};
  const published = { status: 'published' as const };
  return actor.kind === 'person' ? { $or: [published, { authorId: actor.userId }] } : { $and: [published] };
}

/** Text search has a syntax (quotes, a minus in front) which MongoDB's relatives read differently: here are words only. */
function anyWordOf(text: string): string {
  return text.replaceAll(/["\\-]+/g, ' ');
}

function olderThan(after: Position | undefined): Filter {
  return after === undefined ? {} : { _id: { $lt: after.id } };
}

function worseThan(after: Position | undefined) {
  if (after === undefined) return {};
  const { score, id } = after;
  return { $or: [{ score: { $lt: score } }, { score, _id: { $lt: id } }] };
}

function positionOf({ _id, score }: Found): Position {
  return score === undefined ? { id: _id } : { id: _id, score };
}
