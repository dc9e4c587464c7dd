import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import './session.css'

/** Asks for a token, where the server has no demo users. The token stays in this page: it is written nowhere. */
export function SignIn({
  says,
  onToken,
}: {
  readonly says?: string | undefined
  readonly onToken: (token: string) => void
}) {
  const [token, setToken] = useState('')
  return (
    <main className="session">
      <form
        className="session-card"
        onSubmit={(event) => {
          event.preventDefault()
          if (token.trim() !== '') onToken(token.trim())
        }}
      >
        <h2>Sign in</h2>
        <p>
          Paste an access token of a user. Your backend makes one with the mutation <code>createAccessToken</code>.
        </p>
        <Field
          label="Access token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={token}
          problem={says}
          onChange={(event) => setToken(event.target.value)}
        />
        <Button kind="main" type="submit" disabled={token.trim() === ''}>
          Sign in
        </Button>
      </form>
    </main>
  )
}

/** Stands where the server does not answer. */
export function ServerAway({ onRetry }: { readonly onRetry: () => void }) {
  return (
    <main className="session">
      <div className="session-card" role="alert">
        <h2>The server is away</h2>
        <p>
          Nothing answers at <code>{location.host}</code>. Start it with <code>npm start</code>; this page tries again
          by itself.
        </p>
        <Button kind="main" onClick={onRetry}>
          Try now
        </Button>
      </div>
    </main>
  )
}
