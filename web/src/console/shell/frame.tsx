import { Menu } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Redirect, Route, Switch, useLocation } from 'wouter'
import { IconButton } from '../../ui/button.tsx'
import { useDialog } from '../kit/dialog-button.tsx'
import { later } from '../kit/later.tsx'
import { Page } from '../kit/page.tsx'
import { To } from '../kit/to.tsx'
import { useUrl } from '../kit/url.ts'
import { Nothing } from '../kit/waiting.tsx'
import { kitTexts } from '../texts/en/kit.ts'
import { shellTexts as texts } from '../texts/en/shell.ts'
import { ViewBoundary } from './boundary.tsx'
import { GoTo } from './go-to.tsx'
import { Navigation } from './navigation.tsx'
import { OutageBanner } from './outage.tsx'
import { ServiceChoice } from './service-choice.tsx'
import type { Session } from './session.ts'
import { ThemeButton } from './theme-button.tsx'
import { useConsoleKeys } from './use-console-keys.ts'
import { views } from './views.ts'
import './frame.css'

const shown = views.map((view) => ({ ...view, View: later(view.load, <p className="waiting">{kitTexts.loading}</p>) }))

/** Navigation, head and the present view. */
export function Frame({ session }: { readonly session: Session }) {
  const [path] = useLocation()
  const [isMenuOpen, setIsMenuOpen] = useState(false)
  const help = useDialog(() => import('./help.tsx'))
  const onHelp = () => help.open({})
  useConsoleKeys({ onHelp })
  useEffect(() => setIsMenuOpen(false), [path])
  return (
    <div className="frame" data-menu={isMenuOpen || undefined}>
      <a className="skip" href="#view">
        {texts.skip}
      </a>
      <Navigation session={session} onHelp={onHelp} onClose={() => setIsMenuOpen(false)} />
      <div className="frame-main">
        <header className="frame-head">
          <IconButton
            label={texts.menu}
            className="menu-button"
            aria-expanded={isMenuOpen}
            onClick={() => setIsMenuOpen(!isMenuOpen)}
          >
            <Menu size={18} aria-hidden="true" />
          </IconButton>
          <ServiceChoice />
          <GoTo />
          <ThemeButton />
        </header>
        <OutageBanner />
        <main id="view" className="view" tabIndex={-1}>
          {/* Another path is another view: one that broke does not take others with it. */}
          <ViewBoundary key={path.split('/')[1]}>
            <Views />
          </ViewBoundary>
        </main>
      </div>
    </div>
  )
}

function Views() {
  const url = useUrl()
  return (
    <Switch>
      {shown.map(({ path, View }) => (
        <Route key={path} path={path === '/' ? '/' : `${path}/*?`}>
          <View />
        </Route>
      ))}
      <Route path="/">
        <Redirect to={url.to(views[0]!.path)} replace />
      </Route>
      <Route>
        <Page title={texts.noView}>
          <Nothing>
            <To path="/">{texts.toFirst}</To>
          </Nothing>
        </Page>
      </Route>
    </Switch>
  )
}
