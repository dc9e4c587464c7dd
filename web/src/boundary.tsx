import { Component, type ReactNode } from 'react'
import { Button } from './ui/button.tsx'
import './session/session.css'

/** Shows that the page broke instead of an empty one, with the way back. */
export class Boundary extends Component<{ readonly children: ReactNode }, { readonly message: string | null }> {
  override state = { message: null }

  static getDerivedStateFromError(error: unknown): { readonly message: string } {
    return { message: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    if (this.state.message === null) return this.props.children
    return (
      <main className="session">
        <div className="session-card" role="alert">
          <h2>This page broke</h2>
          <p>Nothing you sent is lost. The reason: {this.state.message}</p>
          <Button kind="main" onClick={() => location.reload()}>
            Load again
          </Button>
        </div>
      </main>
    )
  }
}
