import { BadGateway } from '../../upstream/upstream.errors.ts';
import { answerProblem } from '../answering.ts';
import type { Answer, Visit } from '../plugin.ts';
import { sentHeader, setSentHeader } from '../sent-headers.ts';
import { compileChanges, type Changes, type Step } from './changes.ts';
import { holdAnswer } from './hold-answer.ts';
import { jsonOf, membersOf, memberValues, typed, type JsonType } from './json-object.ts';
import { isJson, OF_THE_BYTES } from './body-headers.ts';

type Options = Readonly<Record<Step, readonly JsonType[]>> & { readonly mostBytes: number };

export interface AnswerChange {
  /** Before the service is asked: for a whole answer that is not compressed. */
  prepare(visit: Visit): void;
  /** When the head of its answer is there. @throws {BadGateway} for one that cannot be changed. */
  announce(answer: Answer): void;
}

const BAD_GATEWAY = 502;

/** Changes JSON objects, whether a service answers them or a cache; undefined where nothing is to be changed. */
export function createAnswerChange(changes: Changes, options: Options): AnswerChange | undefined {
  const change = compileChanges(changes, typed(options));
  if (change === undefined) return undefined;
  const { mostBytes } = options;
  const tooLong = () =>
    new BadGateway(`The answer is longer than the ${mostBytes} bytes that can be changed.`);

  return {
    prepare: (visit) => {
      const { headers, response } = visit;
      headers['accept-encoding'] = 'identity';
      delete headers.range;
      holdAnswer(response, {
        mostBytes,
        wanted: () => visit.answeredBy !== 'gateway' && isJson(sentHeader(visit, 'content-type')),
        change: (body) => {
          const members = objectIn(body);
          if (members !== undefined) change(memberValues(members), visit);
          const changed = members === undefined ? body : jsonOf(members);
          setSentHeader(visit, 'Content-Length', String(changed.length));
          return changed;
        },
        tooLong: () => {
          for (const name of visit.added.names()) response.setHeader(name, visit.added.get(name) ?? '');
          answerProblem(visit, BAD_GATEWAY, tooLong());
        },
      });
    },
    announce: ({ headers }) => {
      if (!isJson(headers.get('content-type'))) return;
      if (!/^(?:identity)?$/i.test(headers.get('content-encoding') ?? ''))
        throw new BadGateway('The answer is compressed and cannot be changed.');
      if (Number(headers.get('content-length') ?? 0) > mostBytes) throw tooLong();
      for (const name of OF_THE_BYTES) headers.remove(name);
    },
  };
}

function objectIn(body: Buffer): ReturnType<typeof membersOf> {
  try {
    return membersOf(body.toString());
  } catch {
    return undefined;
  }
}
