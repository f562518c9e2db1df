import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { anyText, describeContract, describeJwksContract } from '@plaza/contracts';
import { createJwksFetcher } from '@plaza/service-client';
import { createTestServiceClient } from '@plaza/service-client/testing';
import { toBuyerId } from '../../src/domain/buyer.ts';
import { createBuyersService } from '../../src/domain/buyers.service.ts';
import { userConsumer } from '../../src/events/user.consumer.ts';
import { openDomain, type Domain } from './domain.ts';

let domain: Domain;
beforeAll(async () => {
  domain = await openDomain();
});
afterAll(() => domain.close());

describeContract({ consumer: 'OrdersService', provider: 'UsersService' }, (contract) => {
  describeJwksContract(contract, (url) => createJwksFetcher(createTestServiceClient('users-service', [url])));

  describe('what happens to users', () => {
    const ada = toBuyerId('123');
    const consumer = () => userConsumer(domain.buyers, domain.accountDeletion);
    const called = (name: string) => ({ userId: anyText(ada), name: anyText(name) });
    const nameKnown = async () => (await domain.buyers.findNames([ada])).get(ada);

    test('user.created tells the name of a buyer', () =>
      contract.eventInteraction(consumer(), 'user.created', called('Ada'), async () => {
        expect(await nameKnown()).toBe('Ada');
      }));

    test('user.updated tells the new one', () =>
      contract.eventInteraction(consumer(), 'user.updated', called('Ada Lovelace'), async () => {
        expect(await nameKnown()).toBe('Ada Lovelace');
      }));

    test('user.deleted tells whose orders to end, and whom to forget', async () => {
      const order = await domain.place('pending');
      await contract.eventInteraction(consumer(), 'user.deleted', { userId: anyText(ada) }, async () => {
        await expect(createBuyersService(domain.buyers).requireActive(ada)).rejects.toMatchObject({
          code: 'account_deleted',
        });
        expect(await domain.orders.findById(order)).toMatchObject({ status: 'cancelled', buyer: null });
      });
    });
  });
});
