import { testMongo } from '@plaza/local-stack/testing';
import { createOutbox } from '@plaza/messaging';
import mongoose from 'mongoose';
import { authorModel } from '../../src/data/author.model.ts';
import { createAuthorRepository } from '../../src/data/author.repository.ts';
import { newPostId, postModels } from '../../src/data/post.model.ts';
import { createPostRepository } from '../../src/data/post.repository.ts';
import { reservationModels } from '../../src/data/reservation.model.ts';
import { createReservationRepository } from '../../src/data/reservation.repository.ts';
import { createStockRepository } from '../../src/data/stock.repository.ts';
import { createAuthorsService } from '../../src/domain/authors.service.ts';
import { createPostsService } from '../../src/domain/posts.service.ts';
import { createReservationsService } from '../../src/domain/reservations.service.ts';
import { AuthorNotFound } from '../../src/domain/author.errors.ts';
import { recordingLogger } from '../fixture.ts';

const now = () => new Date();

/** The domain on a database of its own, without HTTP and without a broker: what is told stays in the outboxes. */
export async function openDomain() {
  const mongo = await mongoose
    .createConnection((await testMongo()).uri, { autoIndex: false, bufferCommands: false })
    .asPromise();
  const postModel = postModels(mongo);
  const reservationModel = reservationModels(mongo);
  const postOutbox = createOutbox({ model: postModel.outboxed, now });
  const reservationOutbox = createOutbox({ model: reservationModel.outboxed, now });
  const reservationStore = createReservationRepository(reservationModel.reservations, reservationOutbox);

  const authors = createAuthorsService({
    authors: createAuthorRepository(authorModel(mongo), now),
    directory: {
      getUserById: async () => {
        throw new AuthorNotFound();
      },
    },
    log: recordingLogger().logger,
  });
  const posts = createPostsService({
    posts: createPostRepository(postModel.posts, postOutbox, now),
    authors,
    newId: newPostId,
    now,
  });
  const reservations = createReservationsService({
    reservations: reservationStore,
    stock: createStockRepository(postModel.posts, reservationModel.reservations, now),
    now,
  });
  return { authors, posts, reservations, reservationStore, reservationOutbox, close: () => mongo.close() };
}

export type Domain = Awaited<ReturnType<typeof openDomain>>;
