/** The data of `npm run seed`. The domain of the addresses is reserved (RFC 2606). */

export interface SeedPerson {
  readonly username: string;
  readonly name: string;
  readonly email: string;
}

export interface SeedPost {
  /** A username. The titles of an author are unique. */
  readonly author: string;
  readonly title: string;
  readonly content: string;
  readonly tags: readonly string[];
  readonly status?: 'draft';
  /** Price in cents, and stock. */
  readonly offer?: { readonly cents: number; readonly stock: number };
}

export interface SeedOrder {
  /** A username. The pair of post and quantity is unique for each buyer. */
  readonly buyer: string;
  /** The post's author and title. */
  readonly post: readonly [author: string, title: string];
  readonly quantity: number;
  /** The end of the order: declined payment, too little stock, cancelled by the buyer. */
  readonly end: 'confirmed' | 'declined' | 'too many' | 'cancelled';
}

/** The password of all five users: sample data has no secrets. */
export const PASSWORD = 'plaza-on-market-day';

const person = (username: string, name: string): SeedPerson => ({
  username,
  name,
  email: `${username}@example.com`,
});

export const people: readonly SeedPerson[] = [
  person('lena', 'Lena Hofmann'),
  person('mateo', 'Mateo Rivas'),
  person('ines', 'Inês Carvalho'),
  person('tomasz', 'Tomasz Wójcik'),
  person('noor', 'Noor Haddad'),
];

export const posts: readonly SeedPost[] = [
  {
    author: 'lena',
    title: 'Dutch city bike, 28 inches',
    content: 'Three gears, new tyres, a basket in front. Some scratches on the frame; it rides well.',
    tags: ['bicycles', 'used'],
    offer: { cents: 18_500, stock: 1 },
  },
  {
    author: 'lena',
    title: 'Bicycle bell, brass',
    content: 'Turned and polished by hand. Fits handlebars of 22 to 26 mm.',
    tags: ['bicycles', 'handmade'],
    offer: { cents: 1_950, stock: 24 },
  },
  {
    author: 'lena',
    title: 'How I true a wheel in ten minutes',
    content: 'All it takes is a spoke key, two zip ties on the fork, and patience on the rear wheel.',
    tags: ['bicycles', 'guides'],
  },
  {
    author: 'mateo',
    title: 'Espresso blend, 1 kg',
    content: 'Roasted on Tuesdays, sent on Wednesdays. Chocolate, hazelnut, little acidity.',
    tags: ['coffee', 'food'],
    offer: { cents: 2_890, stock: 40 },
  },
  {
    author: 'mateo',
    title: 'Hand grinder with steel burrs',
    content: 'Grinds for espresso as well as for the French press. 30 g at a time.',
    tags: ['coffee', 'kitchen'],
    offer: { cents: 7_400, stock: 6 },
  },
  {
    author: 'mateo',
    title: 'Tasting notes, spring harvest',
    content: 'Not finished: the washed lots are still to come.',
    tags: ['coffee'],
    status: 'draft',
  },
  {
    author: 'ines',
    title: 'Stoneware bowl, sea green',
    content: 'Thrown and glazed in my studio. 16 cm wide, safe in the dishwasher; no two are the same.',
    tags: ['ceramics', 'handmade', 'kitchen'],
    offer: { cents: 3_200, stock: 12 },
  },
  {
    author: 'ines',
    title: 'Set of four espresso cups',
    content: 'Thick walls keep them warm. 70 ml each, with saucers.',
    tags: ['ceramics', 'coffee', 'handmade'],
    offer: { cents: 4_800, stock: 5 },
  },
  {
    author: 'tomasz',
    title: 'Walnut chopping board',
    content: 'End grain, oiled, 40 by 28 cm. Feet of rubber that can be taken off.',
    tags: ['kitchen', 'wood', 'handmade'],
    offer: { cents: 6_900, stock: 8 },
  },
  {
    author: 'tomasz',
    title: 'Workbench, beech',
    content: 'Two metres, with a front vise. To be collected: it takes two people to carry.',
    tags: ['wood', 'used'],
    offer: { cents: 42_000, stock: 1 },
  },
  {
    author: 'noor',
    title: 'Climbing rope, 60 m, 9.5 mm',
    content: 'Never used, still in its bag. Bought a second one by mistake.',
    tags: ['outdoors', 'sport'],
    offer: { cents: 13_900, stock: 1 },
  },
  {
    author: 'noor',
    title: 'Looking for a partner for the granite season',
    content: 'Weekends from May on, grade 6 and easy alpine routes. I have a car and a rope too many.',
    tags: ['outdoors', 'meetups'],
  },
];

export const orders: readonly SeedOrder[] = [
  { buyer: 'mateo', post: ['lena', 'Dutch city bike, 28 inches'], quantity: 1, end: 'confirmed' },
  { buyer: 'noor', post: ['mateo', 'Espresso blend, 1 kg'], quantity: 2, end: 'confirmed' },
  { buyer: 'tomasz', post: ['ines', 'Set of four espresso cups'], quantity: 1, end: 'confirmed' },
  { buyer: 'lena', post: ['tomasz', 'Walnut chopping board'], quantity: 1, end: 'confirmed' },
  { buyer: 'ines', post: ['mateo', 'Hand grinder with steel burrs'], quantity: 1, end: 'declined' },
  { buyer: 'tomasz', post: ['noor', 'Climbing rope, 60 m, 9.5 mm'], quantity: 2, end: 'too many' },
  { buyer: 'noor', post: ['ines', 'Stoneware bowl, sea green'], quantity: 4, end: 'cancelled' },
];
