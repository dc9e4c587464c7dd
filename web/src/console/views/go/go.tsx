import { Redirect, useLocation } from 'wouter'
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

/** Opens what the address ends with: `/go/CH…`, `/go/alice`, `/go/general`. */
export default function Go() {
  const [path] = useLocation()
  const url = useUrl()
  const serviceId = useServiceId()
  const text = decode(path.replace(/^\/go\/?/u, ''))
  const isSid = sidPrefix(text) !== undefined
  const node = useData(GoNodeDocument, { id: text }, { enabled: isSid })
  const isShort = text !== '' && text.length <= maxIdentity
  const named = useData(
    GoNameDocument,
    { text, mayBeChannel: text.length <= maxName, ...(serviceId !== undefined && { serviceId }) },
    { enabled: !isSid && isShort },
  )
  const data = isSid ? node : named
  const place = isSid ? node.data?.node && placeOfNode(node.data.node) : named.data && placeOfName(text, named.data)
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

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
