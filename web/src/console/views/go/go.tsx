import { Redirect } from 'wouter'
import { GoNameDocument, GoNodeDocument } from '../../generated/go.ts'
import { sidPrefix } from '../../kit/names.ts'
import { Page } from '../../kit/page.tsx'
import { To } from '../../kit/to.tsx'
import { useServiceId, useUrl } from '../../kit/url.ts'
import { useData } from '../../kit/use-data.ts'
import { Failed, Nothing } from '../../kit/waiting.tsx'
import { goTexts as texts } from '../../texts/en/go.ts'
import { placeOfName, placeOfNode } from './places.ts'
import './go.css'

/** Unique names, and identities, have at most so many characters. */
const maxName = 64
const maxIdentity = 256

/** Opens what the address names: `/go?name=CH…`, `/go?name=alice`, `/go?name=general`. */
export default function Go() {
  const url = useUrl()
  const serviceId = useServiceId()
  const written = url.get('name') ?? ''
  // What was copied may have spaces around it, and names can begin and end with them.
  const trimmed = written.trim()
  const text = trimmed === '' ? written : trimmed
  const isSid = sidPrefix(text) !== undefined
  const node = useData(GoNodeDocument, { id: text }, { enabled: isSid })
  const isShort = text !== '' && text.length <= maxIdentity
  const variablesOf = (name: string) => ({
    text: name,
    mayBeChannel: name.length <= maxName,
    ...(serviceId !== undefined && { serviceId }),
  })
  const named = useData(GoNameDocument, variablesOf(text), { enabled: !isSid && isShort })
  const spaced = useData(GoNameDocument, variablesOf(written), { enabled: !isSid && isShort && text !== written })
  const data = isSid ? node : named
  const place = isSid
    ? node.data?.node && placeOfNode(node.data.node)
    : ((spaced.data && placeOfName(written, spaced.data)) ?? (named.data && placeOfName(text, named.data)))
  if (place) return <Redirect to={url.to(place.path, place.params)} replace />
  return (
    <Page title={texts.title}>
      {data.error && data.data === undefined ? (
        <Failed error={data.error} onRetry={data.reload} />
      ) : data.data === undefined && (isSid || isShort) ? (
        <p className="waiting">{texts.looking}</p>
      ) : (
        <Nothing>
          <p>
            <strong>{texts.nothing(text)}</strong>
          </p>
          <p>{texts.says}</p>
          {!isSid && text !== '' && (
            <ul className="go-ways">
              <li>
                <To path="/users" params={{ q: text }}>
                  {texts.searchUsers}
                </To>
              </li>
              <li>
                <To path="/channels" params={{ q: text }}>
                  {texts.searchChannels}
                </To>
              </li>
              <li>
                <To path="/messages" params={{ q: text }}>
                  {texts.searchMessages}
                </To>
              </li>
            </ul>
          )}
        </Nothing>
      )}
    </Page>
  )
}
