import { createOutbox } from '@plaza/messaging';
import type { Connection } from 'mongoose';
import { authorModel } from './author.model.ts';
import { createAuthorRepository } from './author.repository.ts';
import { postModels } from './post.model.ts';
import { createPostRepository } from './post.repository.ts';
import { reservationModels } from './reservation.model.ts';
import { createReservationRepository } from './reservation.repository.ts';
import { createStockRepository } from './stock.repository.ts';

/** Everything that this service stores, and the outboxes of its events. */
export function createRepositories(mongo: Connection, now: () => Date) {
  const post = postModels(mongo);
  const reservation = reservationModels(mongo);
  const postOutbox = createOutbox({ model: post.outboxed, now });
  const reservationOutbox = createOutbox({ model: reservation.outboxed, now });
  return {
    postOutbox,
    reservationOutbox,
    authors: createAuthorRepository(authorModel(mongo), now),
    posts: createPostRepository(post.posts, postOutbox, now),
    reservations: createReservationRepository(reservation.reservations, reservationOutbox),
    stock: createStockRepository(post.posts, reservation.reservations, now),
  };
}
