import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { SerializedReply } from '@plaza/service-kit';
import type { Request } from 'express';
import type { ApplicationsResponse, EurekaApplication, InstanceInfo } from './response.schemas.ts';
import { memoizeByObject } from '../memoize.ts';
import { buildXml, pickXmlNames } from './xml.ts';

/** A response body of Eureka's API. */
export type EurekaDocument =
  { readonly instance: InstanceInfo } | { readonly application: EurekaApplication } | ApplicationsResponse;

const JSON_TYPE = 'application/json';
const XML_TYPE = 'application/xml';
export const MEDIA_TYPES = [JSON_TYPE, XML_TYPE] as const;
type MediaType = (typeof MEDIA_TYPES)[number];

/** Smaller bodies are not compressed. */
const MIN_GZIP_BYTES = 1_024;
const gzipAsync = promisify(gzip);

interface EncodedBody {
  readonly bytes: Buffer;
  gzipped?: Promise<Buffer>;
}

/**
 * Serializes a document as JSON if the client accepts it, else as XML, as Eureka does; compressed if the client
 * accepts gzip.
 */
export async function negotiateReply(
  request: Request,
  document: EurekaDocument,
  headers: Readonly<Record<string, string>> = {},
): Promise<SerializedReply> {
  const contentType = (request.get('accept') ?? '').includes('json') ? JSON_TYPE : XML_TYPE;
  const encoded = encoders[contentType](document);
  const reply = { status: 200, contentType, headers: { ...headers, Vary: 'Accept, Accept-Encoding' } };
  const plain =
    encoded.bytes.length < MIN_GZIP_BYTES || !/\bgzip\b/.test(request.get('accept-encoding') ?? '');
  if (plain) return { ...reply, content: encoded.bytes };
  encoded.gzipped ??= gzipAsync(encoded.bytes);
  return {
    ...reply,
    content: await encoded.gzipped,
    headers: { ...reply.headers, 'Content-Encoding': 'gzip' },
  };
}

/** All clients request the same lists: their bytes are cached for the lifetime of the document. */
const encoders: Readonly<Record<MediaType, (document: EurekaDocument) => EncodedBody>> = {
  [JSON_TYPE]: memoizeByObject((document: EurekaDocument) => ({ bytes: Buffer.from(toJson(document)) })),
  [XML_TYPE]: memoizeByObject((document: EurekaDocument) => ({ bytes: Buffer.from(toXml(document)) })),
};

/** Built from cached parts: after a change of one instance only that one is serialized again. */
function toJson(document: EurekaDocument): string {
  if ('instance' in document) return `{"instance":${instanceToJson(document.instance)}}`;
  if ('application' in document) return `{"application":${applicationToJson(document.application)}}`;
  const { application, ...head } = document.applications;
  const applications = `"application":[${application.map(applicationToJson).join(',')}]`;
  return `{"applications":{${JSON.stringify(head).slice(1, -1)},${applications}}}`;
}

function applicationToJson({ name, instance }: EurekaApplication): string {
  return `{"name":${JSON.stringify(name)},"instance":[${instance.map(instanceToJson).join(',')}]}`;
}

const instanceToJson = memoizeByObject((instance: InstanceInfo) => JSON.stringify(instance));

function toXml(document: EurekaDocument): string {
  if ('instance' in document) return buildXml({ instance: toXmlInstance(document.instance) });
  if ('application' in document) return buildXml({ application: toXmlApplication(document.application) });
  const { application, ...head } = document.applications;
  return buildXml({ applications: { ...head, application: application.map(toXmlApplication) } });
}

function toXmlApplication({ name, instance }: EurekaApplication) {
  return { name, instance: instance.map(toXmlInstance) };
}

/** In Eureka's XML `overriddenStatus` is in lower case. Clients choose the names of metadata. */
function toXmlInstance({ overriddenStatus, ...info }: InstanceInfo) {
  const { dataCenterInfo, metadata } = info;
  const { metadata: hostMetadata } = dataCenterInfo;
  return {
    ...info,
    dataCenterInfo: { ...dataCenterInfo, metadata: hostMetadata && pickXmlNames(hostMetadata) },
    metadata: pickXmlNames(metadata),
    overriddenstatus: overriddenStatus,
  };
}
