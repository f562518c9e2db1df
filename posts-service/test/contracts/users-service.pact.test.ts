import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createContractTokens, anyText, describeContract, describeJwksContract } from '@plaza/contracts';
import { createJwksFetcher } from '@plaza/service-client';
import { createTestServiceClient } from '@plaza/service-client/testing';
import { createUsersClient } from '../../src/clients/users.client.ts';
import { toAuthorId } from '../../src/domain/author.ts';
import { userConsumer } from '../../src/events/user.consumer.ts';
import { bicycle } from '../fixture.ts';
import { openDomain, type Domain } from './domain.ts';

const serviceTokens = createContractTokens('posts-service');
const headers = { Authorization: `Bearer ${await serviceTokens.issue()}` };

let domain: Domain;
beforeAll(async () => {
  domain = await openDomain();
});
afterAll(() => domain.close());

const service = (url: string) => createTestServiceClient('users-service', [url], { serviceTokens });
const client = (url: string) => createUsersClient(service(url));

describeContract({ consumer: 'PostsService', provider: 'UsersService' }, (contract) => {
  describe('GET /users/123', () => {
    test('answers the user, with the e-mail address, since a service asks', () =>
      contract
        .httpInteraction()
        .given('there is a user 123')
        .uponReceiving('a service that asks for a user')
        .withRequest('GET', '/users/123', (request) => request.headers(headers))
        .willRespondWith(200, (response) =>
          response.jsonBody({
            id: '123',
            username: anyText('ada'),
            name: anyText('Ada Lovelace'),
            email: anyText('ada@example.com'),
          }),
        )
        .executeTest(async ({ url }) => {
          expect(await client(url).getUserById('123')).toEqual({
            id: '123',
            username: 'ada',
            name: 'Ada Lovelace',
            email: 'ada@example.com',
          });
        }));

    test('says "User not found" where there is none', () =>
      contract
        .httpInteraction()
        .given('there is no user 123')
        .uponReceiving('a service that asks for a user who does not exist')
        .withRequest('GET', '/users/123', (request) => request.headers(headers))
        .willRespondWith(404, (response) =>
          response
            .headers({ 'Content-Type': 'application/problem+json' })
            .jsonBody({ error: 'User not found', message: 'User not found' }),
        )
        .executeTest(async ({ url }) => {
          await expect(client(url).getUserById('123')).rejects.toThrow('User not found');
        }));
  });

  describeJwksContract(contract, (url) => createJwksFetcher(service(url)));

  describe('what happens to users', () => {
    const ada = toAuthorId('123');
    const about = (name: string) => ({
      userId: anyText(ada),
      name: anyText(name),
      email: anyText('ada@example.com'),
    });
    const consumer = () => userConsumer(domain.authors, domain.posts);

    test('user.created tells the name and the e-mail address of an author', () =>
      contract.eventInteraction(consumer(), 'user.created', about('Ada'), async () => {
        expect(await domain.authors.find(ada)).toEqual({ id: ada, name: 'Ada', email: 'ada@example.com' });
      }));

    test('user.updated tells the new ones', () =>
      contract.eventInteraction(consumer(), 'user.updated', about('Ada Lovelace'), async () => {
        expect(await domain.authors.find(ada)).toMatchObject({ name: 'Ada Lovelace' });
      }));

    test('user.deleted tells whom to forget, with all of their posts', async () => {
      const author = { kind: 'user', userId: ada, admin: false } as const;
      const { id } = await domain.posts.create(author, { ...bicycle, status: 'published' });
      await contract.eventInteraction(consumer(), 'user.deleted', { userId: anyText(ada) }, async () => {
        expect(await domain.authors.isDeleted(ada)).toBe(true);
        await expect(domain.posts.get(id, author)).rejects.toMatchObject({ code: 'post_not_found' });
      });
    });
  });
});
