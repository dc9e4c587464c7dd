import { CircleHelp, LogOut } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { Button } from '../../ui/button.tsx'
import { useNotify } from '../kit/notices.tsx'
import { RequestError } from '../kit/request.ts'
import { shortSid } from '../kit/sid.tsx'
import { To } from '../kit/to.tsx'
import { When } from '../kit/when.tsx'
import { shellTexts as texts } from '../texts/en/shell.ts'
import { useSignOut, type Session } from './session.ts'
import { views, type Group, type View } from './views.ts'

const groups = (Object.keys(texts.groups) as Group[])
  .map((group) => ({ group, members: views.filter((view) => view.group === group) }))
  .filter(({ members }) => members.length > 0)

/** The views in groups, and who is signed in. On a phone it is a menu over the view. */
export function Navigation({
  session,
  onHelp,
  onClose,
}: {
  readonly session: Session
  readonly onHelp: () => void
  readonly onClose: () => void
}) {
  const [path] = useLocation()
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    // Where not all views have room, the present one is in view.
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' })
  }, [path])
  return (
    <nav
      ref={nav}
      className="side"
      aria-label={texts.console}
      onKeyDown={({ key }) => {
        if (key === 'Escape') onClose()
      }}
    >
      <p className="brand">
        fone<i>chat</i> <span>{texts.console}</span>
      </p>
      <div>
        {groups.map(({ group, members }) => (
          <div key={group} className="side-group">
            <h2 id={`group-${group}`}>{texts.groups[group]}</h2>
            <ul aria-labelledby={`group-${group}`}>
              {members.map((view) => (
                <NavigationLink key={view.path} view={view} onClose={onClose} />
              ))}
            </ul>
          </div>
        ))}
      </div>
      <div className="side-foot">
        <Button className="side-button" onClick={onHelp}>
          <CircleHelp size={16} aria-hidden="true" />
          {texts.keys}
        </Button>
        <SignedIn session={session} />
      </div>
    </nav>
  )
}

function NavigationLink({ view, onClose }: { readonly view: View; readonly onClose: () => void }) {
  const [path] = useLocation()
  const isPresent = path === view.path || path.startsWith(view.path === '/' ? ' ' : `${view.path}/`)
  const { icon: Icon } = view
  // Its code is here by the time of the click.
  const prepare = (): void => void view.load().catch(() => {})
  return (
    <li>
      <To
        path={view.path}
        className="side-link"
        aria-current={isPresent ? 'page' : undefined}
        onPointerEnter={prepare}
        onFocus={prepare}
        onClick={onClose}
      >
        <Icon size={16} aria-hidden="true" />
        {view.title}
      </To>
    </li>
  )
}

function SignedIn({ session }: { readonly session: Session }) {
  const signOut = useSignOut()
  const notify = useNotify()
  const [isRunning, setIsRunning] = useState(false)
  const { credential, expiresAt } = session.consoleSession ?? { credential: session.accountId, expiresAt: null }
  return (
    <div className="side-who">
      <p title={credential}>{texts.signedInAs(shortSid(credential))}</p>
      <p>
        {texts.ends} <When at={expiresAt} />
      </p>
      <Button
        className="side-button"
        disabled={isRunning}
        onClick={() => {
          setIsRunning(true)
          signOut().catch((error: unknown) => {
            setIsRunning(false)
            notify(error instanceof RequestError ? error.message : texts.notSignedOut, { isProblem: true })
          })
        }}
      >
        <LogOut size={16} aria-hidden="true" />
        {texts.signOut}
      </Button>
    </div>
  )
}
