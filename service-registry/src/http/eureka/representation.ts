import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { SerializedReply } from '@plaza/service-kit';
import type { Request } from 'express';
import type { AllApplications, Application, InstanceInfo } from './answers.schemas.ts';
import { writeXml } from './xml.ts';

/** What Eureka answers. */
export type Document =
  { readonly instance: InstanceInfo } | { readonly application: Application } | AllApplications;

const JSON_TYPE = 'application/json';
const XML_TYPE = 'application/xml';
export const TYPES = [JSON_TYPE, XML_TYPE] as const;
type MediaType = (typeof TYPES)[number];

/** Less is not worth the work. */
const LEAST_ZIPPED = 1_024;
const zipped = promisify(gzip);

interface Written {
  readonly text: string;
  zip?: Promise<Buffer>;
}

/** What was written of a document, for as long as there is that document: the list of everybody is asked for by everybody. */
const writings = new WeakMap<Document, Partial<Record<MediaType, Written>>>();

/** A document as the client asks for it: JSON where it accepts that, else XML, as in Eureka; zipped where it takes that. */
export async function represented(
  request: Request,
  document: Document,
  headers: Readonly<Record<string, string>> = {},
): Promise<SerializedReply> {
  const contentType = (request.get('accept') ?? '').includes('json') ? JSON_TYPE : XML_TYPE;
  const written = writtenAs(contentType, document);
  const reply = { status: 200, contentType, headers: { ...headers, Vary: 'Accept, Accept-Encoding' } };
  const plain = written.text.length < LEAST_ZIPPED || !/\bgzip\b/.test(request.get('accept-encoding') ?? '');
  if (plain) return { ...reply, content: written.text };
  written.zip ??= zipped(written.text);
  return { ...reply, content: await written.zip, headers: { ...reply.headers, 'Content-Encoding': 'gzip' } };
}

function writtenAs(type: MediaType, document: Document): Written {
  const known = writings.get(document) ?? {};
  writings.set(document, known);
  known[type] ??= { text: type === JSON_TYPE ? JSON.stringify(document) : xmlOf(document) };
  return known[type];
}

function xmlOf(document: Document): string {
  if ('instance' in document) return writeXml('instance', forXml(document.instance));
  if ('application' in document) return writeXml('application', applicationForXml(document.application));
  const { application, ...head } = document.applications;
  return writeXml('applications', { ...head, application: application.map(applicationForXml) });
}

function applicationForXml({ name, instance }: Application) {
  return { name, instance: instance.map(forXml) };
}

/** One field goes by two names in Eureka. */
function forXml({ overriddenStatus, ...info }: InstanceInfo) {
  return { ...info, overriddenstatus: overriddenStatus };
}
