import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { SerializedReply } from '@plaza/service-kit';
import type { Request } from 'express';
import type { AllApplications, Application, InstanceInfo } from './answers.schemas.ts';
import { kept } from '../kept.ts';
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
  readonly bytes: Buffer;
  zip?: Promise<Buffer>;
}

/** A document as the client asks for it: JSON where it accepts that, else XML, as in Eureka; zipped where it takes that. */
export async function represented(
  request: Request,
  document: Document,
  headers: Readonly<Record<string, string>> = {},
): Promise<SerializedReply> {
  const contentType = (request.get('accept') ?? '').includes('json') ? JSON_TYPE : XML_TYPE;
  const written = writtenAs[contentType](document);
  const reply = { status: 200, contentType, headers: { ...headers, Vary: 'Accept, Accept-Encoding' } };
  const plain = written.bytes.length < LEAST_ZIPPED || !/\bgzip\b/.test(request.get('accept-encoding') ?? '');
  if (plain) return { ...reply, content: written.bytes };
  written.zip ??= zipped(written.bytes);
  return { ...reply, content: await written.zip, headers: { ...reply.headers, 'Content-Encoding': 'gzip' } };
}

/** Lists are asked for by everybody: of each document the bytes are kept while there is that document. */
const writtenAs: Readonly<Record<MediaType, (document: Document) => Written>> = {
  [JSON_TYPE]: kept((document: Document) => ({ bytes: Buffer.from(jsonOf(document)) })),
  [XML_TYPE]: kept((document: Document) => ({ bytes: Buffer.from(xmlOf(document)) })),
};

/** Put together from what is kept of its parts: where one instance has changed, only that one is serialized. */
function jsonOf(document: Document): string {
  if ('instance' in document) return `{"instance":${instanceJson(document.instance)}}`;
  if ('application' in document) return `{"application":${applicationJson(document.application)}}`;
  const { application, ...head } = document.applications;
  const applications = `"application":[${application.map(applicationJson).join(',')}]`;
  return `{"applications":{${JSON.stringify(head).slice(1, -1)},${applications}}}`;
}

function applicationJson({ name, instance }: Application): string {
  return `{"name":${JSON.stringify(name)},"instance":[${instance.map(instanceJson).join(',')}]}`;
}

const instanceJson = kept((instance: InstanceInfo) => JSON.stringify(instance));

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
