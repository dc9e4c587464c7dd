import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** Below this, in bytes, an answer fits one or two packets anyway. */
const worthBytes = 2048

/** Most of what there is to gain, for a tenth of the time that the default takes. */
const brotliQuality = 4

/** Each compresses a body. */
export const compressors = {
  br: (body: Uint8Array) =>
    promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } }),
  gzip: (body: Uint8Array) => promisify(gzip)(body),
}

export type Encoding = keyof typeof compressors

/** The body in an encoding that the client takes, where it is long enough. */
export async function compressBody(acceptEncoding: string | null | undefined, body: Uint8Array<ArrayBuffer>) {
  const encoding = body.length < worthBytes ? undefined : chooseEncoding(acceptEncoding ?? '')
  return { encoding, body: encoding ? new Uint8Array(await compressors[encoding](body)) : body }
}

/** JSON that is long enough, in an encoding that the client takes; everything else, such as a stream of events, as it is. */
export async function compressed(
  acceptEncoding: string | null | undefined,
  response: Response,
  create: (body: Uint8Array<ArrayBuffer>, init: ResponseInit) => Response,
): Promise<Response> {
  const { status, statusText, headers } = response
  if (!/^application\/(?:.+\+)?json\b/.test(headers.get('content-type') ?? '') || !response.body) return response
  const { body: sent, encoding } = await compressBody(acceptEncoding, new Uint8Array(await response.arrayBuffer()))
  const changed = new Map(headers)
  const vary = headers.get('vary')
  changed.set('vary', vary === null ? 'accept-encoding' : `${vary}, accept-encoding`)
  changed.set('content-length', String(sent.length))
  if (encoding) changed.set('content-encoding', encoding)
  return create(sent, { status, statusText, headers: Object.fromEntries(changed) })
}

/** Of the encodings with the highest weight the one that makes it shorter. */
export function chooseEncoding(acceptEncoding: string): Encoding | undefined {
  const weights = new Map(
    acceptEncoding.split(',').map((part) => {
      const [name = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase())
      const weight = parameters.find((parameter) => parameter.startsWith('q='))
      return [name, weight === undefined ? 1 : Number(weight.slice(2)) || 0] as const
    }),
  )
  const weightOf = (name: Encoding): number => weights.get(name) ?? weights.get('*') ?? 0
  const best = weightOf('br') >= weightOf('gzip') ? 'br' : 'gzip'
  return weightOf(best) > 0 ? best : undefined
}
