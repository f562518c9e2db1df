import { format } from 'prettier';
import {
  INITIAL_STATE,
  ORDER_SAGA,
  PAYMENT_CALLS,
  SAGA_REFUSALS,
  SAGA_TRIGGERS,
  findStep,
  type SagaState,
  type SagaStatePattern,
  type SagaStep,
  type SagaTrigger,
} from '../../orders-service/src/domain/order-saga.ts';

interface Edge {
  readonly from: SagaState;
  readonly step: SagaStep;
  readonly to: SagaState;
}

/** docs/order-saga.md, whole. */
export async function renderOrderSagaPage(): Promise<string> {
  const edges = findEdges();
  const page = `# The order saga

An order is a saga over three services: orders-service coordinates, posts-service reserves and releases stock, and
the payment provider charges and refunds. Each step is one conditional write of the order; its events are in the same
write (its outbox). A trigger without a step for the order's state changes nothing, so events may arrive twice, late
and out of order.

A new order is ${renderState(INITIAL_STATE)}.
It publishes \`order.created\`, which asks posts-service for the stock. An order's state has four parts: \`status\` is
what the buyer sees; \`buyer\` says whether the order still names its buyer; \`stock\` and \`payment\` say what the
other participants did.

## Status and payment

${renderDiagram(edges, ({ status, payment }) => `${status}_${payment}`)}

## Stock

${renderDiagram(edges, ({ stock }) => stock)}

## Triggers

| trigger | kind | meaning |
| --- | --- | --- |
${triggerNames()
  .map((name) => `| \`${name}\` | ${SAGA_TRIGGERS[name].from} | ${SAGA_TRIGGERS[name].description} |`)
  .join('\n')}

## Steps

A step applies where all parts under "from" match. Parts missing under "to" stay as they are. "Undone by" names the
trigger whose step compensates this one.

| trigger | from | to | events published | reason | undone by |
| --- | --- | --- | --- | --- | --- |
${ORDER_SAGA.map(renderStep).join('\n')}

${SAGA_REFUSALS.map(({ on, from }) => `\`${on}\` is refused with an error for ${renderPattern(from)}.`).join('\n')}

## Compensation

\`order.rejected\` and \`order.cancelled\` make posts-service release what it reserved; it answers \`stock.released\`.
The state also decides which call to the payment provider is due. Such a call is idempotent by order id and is
repeated, by the next delivery of the event or by the reconciliation job, until its reply is stored:

| call | due while |
| --- | --- |
${PAYMENT_CALLS.map((required) => `| ${required.call} | ${renderPattern(required.in)} |`).join('\n')}

\`npm run docs\` writes this page from the table in \`orders-service/src/domain/order-saga.ts\`, which the service
executes. \`orders-service/test/order-saga.test.ts\` tries each trigger in each reachable state.
`;
  return format(page, { parser: 'markdown', printWidth: 110 });
}

function triggerNames(): SagaTrigger[] {
  return Object.keys(SAGA_TRIGGERS).filter((name): name is SagaTrigger => name in SAGA_TRIGGERS);
}

/** Every step from every state that an order can reach. */
function findEdges(): Edge[] {
  const edges: Edge[] = [];
  const states = new Map([[JSON.stringify(INITIAL_STATE), INITIAL_STATE]]);
  // A Map iterates over the entries that are added on the way.
  for (const from of states.values()) {
    for (const trigger of triggerNames()) {
      const step = findStep(from, trigger);
      if (step === undefined) continue;
      const to = { ...from, ...step.to };
      edges.push({ from, step, to });
      states.set(JSON.stringify(to), to);
    }
  }
  return edges;
}

/** The saga as a state diagram of one projection of its states, without loops. */
function renderDiagram(edges: readonly Edge[], project: (state: SagaState) => string): string {
  const labels = new Map<string, Set<string>>();
  for (const { from, to, step } of edges) {
    if (project(from) === project(to)) continue;
    const arrow = `${project(from)} --> ${project(to)}`;
    labels.set(arrow, (labels.get(arrow) ?? new Set()).add(step.on));
  }
  const arrows = [...labels].map(([arrow, on]) => `  ${arrow}: ${[...on].join(', ')}`);
  return ['```mermaid', 'stateDiagram-v2', `  [*] --> ${project(INITIAL_STATE)}`, ...arrows, '```'].join(
    '\n',
  );
}

function renderStep(step: SagaStep): string {
  const undoneBy = new Set(
    ORDER_SAGA.filter(({ undoes }) => undoes === step.on).map(({ on }) => `\`${on}\``),
  );
  const to = Object.entries(step.to).map(([part, value]) => `${part} ${value}`);
  const cells = [
    `\`${step.on}\``,
    renderPattern(step.from),
    to.join(', '),
    step.emits.map((event) => `\`${event}\``).join(', '),
    step.reason === undefined ? '' : `\`${step.reason}\``,
    [...undoneBy].join(', '),
  ];
  return `| ${cells.join(' | ')} |`;
}

function renderState({ status, stock, payment }: SagaState): string {
  return `${status}, its stock ${stock}, its payment ${payment}`;
}

function renderPattern(pattern: SagaStatePattern): string {
  return Object.entries(pattern)
    .map(([part, values]) => `${part} ${values.join(' or ')}`)
    .join(', ');
}
