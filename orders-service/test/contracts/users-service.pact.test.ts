import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { anyText, describeContract, describeKeySet } from '@plaza/contracts';
import { jwksOf } from '@plaza/discovery';
import { serviceAt } from '@plaza/discovery/testing';
import { userId } from '../../src/domain/buyer.ts';
import { createBuyersService } from '../../src/domain/buyers.service.ts';
import { userConsumer } from '../../src/events/user.consumer.ts';
import { openDomain, type Domain } from './domain.ts';

let domain: Domain;
beforeAll(async () => {
  domain = await openDomain();
});
afterAll(() => domain.close());

describeContract({ consumer: 'OrdersService', provider: 'UsersService' }, (contract) => {
  describeKeySet(contract, (url) => jwksOf(serviceAt('users-service', [url])));

  describe('what happens to users', () => {
    const ada = userId('123');
    const consumer = () => userConsumer(domain.buyers, domain.erasure);
    const called = (name: string) => ({ userId: anyText(ada), name: anyText(name) });
    const nameKnown = async () => (await domain.buyers.names([ada])).get(ada);

    test('user.created tells the name of a buyer', () =>
      contract.event(consumer(), 'user.created', called('Ada'), async () => {
        expect(await nameKnown()).toBe('Ada');
      }));

    test('user.updated tells the new one', () =>
      contract.event(consumer(), 'user.updated', called('Ada Lovelace'), async () => {
        expect(await nameKnown()).toBe('Ada Lovelace');
      }));

    test('user.deleted tells whose orders to end, and whom to forget', async () => {
      const order = await domain.place('pending');
      await contract.event(consumer(), 'user.deleted', { userId: anyText(ada) }, async () => {
        await expect(createBuyersService(domain.buyers).requireAlive(ada)).rejects.toMatchObject({
          code: 'account_deleted',
        });
        expect(await domain.orders.byId(order)).toMatchObject({ status: 'cancelled', buyer: null });
      });
    });
  });
});
