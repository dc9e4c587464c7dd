import { useEffect, useRef, useState, type ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { RequestError, signIn } from '../kit/request.ts'
import { Problem } from '../kit/waiting.tsx'
import { shellTexts as texts } from '../texts/en/shell.ts'
import { useEnter } from './session.ts'
import './sign-in.css'

/** Asks for the credentials of the backend. The server keeps a hash of the session's token, and this page nothing. */
export function SignIn({ says = texts.signInSays }: { readonly says?: string }) {
  const enter = useEnter()
  const [sid, setSid] = useState('')
  const [secret, setSecret] = useState('')
  const [error, setError] = useState<RequestError | null>(null)
  const [isRunning, setIsRunning] = useState(false)
  useEffect(() => {
    const before = document.title
    document.title = `${texts.signIn} · fonechat`
    return () => {
      document.title = before
    }
  }, [])
  const submit = async (): Promise<void> => {
    setIsRunning(true)
    setError(null)
    try {
      await signIn(sid.trim(), secret.trim())
      await enter()
    } catch (problem) {
      setError(problem instanceof RequestError ? toWords(problem) : null)
      setIsRunning(false)
    }
  }
  return (
    <Card title={texts.signIn}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!isRunning && sid.trim() !== '' && secret.trim() !== '') void submit()
        }}
      >
        <p>{says}</p>
        <Field
          label={texts.sid}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          placeholder="AC…"
          value={sid}
          onChange={({ target }) => setSid(target.value)}
        />
        <Field
          label={texts.secret}
          name="password"
          type="password"
          autoComplete="current-password"
          value={secret}
          onChange={({ target }) => setSecret(target.value)}
        />
        <Problem error={error} />
        <Button kind="main" type="submit" disabled={isRunning || sid.trim() === '' || secret.trim() === ''}>
          {texts.signIn}
        </Button>
      </form>
      <details>
        <summary>{texts.whereTitle}</summary>
        <ul>
          {texts.where.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </details>
    </Card>
  )
}

/**
 * Stands before what was shown when the session has ended. That stays, hidden, with what was written in it. In the top layer, since dialogs that are open stand
 * beside the console.
 */
export function SignInAgain() {
  const dialog = useRef<HTMLDialogElement>(null)
  const show = (): void => {
    if (dialog.current?.open === false) dialog.current.showModal()
  }
  useEffect(show, [])
  return createPortal(
    <dialog
      ref={dialog}
      className="gate-again"
      aria-label={texts.signIn}
      onClose={show}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        // Neither this nor what is open behind it closes.
        event.preventDefault()
        event.stopPropagation()
      }}
    >
      <SignIn says={texts.signInAgainSays} />
    </dialog>,
    document.body,
  )
}

function toWords(error: RequestError): RequestError {
  if (error.code === 'UNAUTHENTICATED') return new RequestError(error.code, texts.wrong)
  if (error.code !== 'RATE_LIMITED') return error
  return new RequestError(error.code, texts.tooMany(Math.ceil((error.retryAfterMs ?? 1000) / 1000)))
}

/** Stands where it cannot be said who is signed in. */
export function Away({ error, onRetry }: { readonly error: RequestError; readonly onRetry: () => void }) {
  useEffect(() => {
    // As everything that is read again: not while nobody looks.
    const timer = setInterval(() => document.hidden || onRetry(), 3000)
    return () => clearInterval(timer)
  })
  return (
    <Card title={error.isOutage ? texts.awayTitle : texts.viewBroke}>
      <p role="alert">{error.message}</p>
      <Button kind="main" onClick={onRetry}>
        {texts.tryNow}
      </Button>
    </Card>
  )
}

function Card({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main className="gate">
      <p className="brand">
        fone<i>chat</i> <span>{texts.console}</span>
      </p>
      <div className="gate-card">
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  )
}
