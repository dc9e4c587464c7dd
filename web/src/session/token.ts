/** The identity in an access token, without judging the token: that is the server's. Null where it is none. */
export function identityIn(token: string): string | null {
  try {
    const [, payload = ''] = token.split('.')
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
    const { grants } = JSON.parse(new TextDecoder().decode(bytes)) as { grants?: { identity?: unknown } }
    return typeof grants?.identity === 'string' ? grants.identity : null
  } catch {
    return null
  }
}
