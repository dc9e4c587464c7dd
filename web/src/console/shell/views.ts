import {
  Activity,
  BellRing,
  Cable,
  CalendarClock,
  Cpu,
  Flag,
  Gauge,
  Hash,
  Hourglass,
  KeyRound,
  Layers,
  ListChecks,
  MailPlus,
  MessageSquare,
  MonitorSmartphone,
  Radio,
  ScrollText,
  Search,
  ShieldCheck,
  Stethoscope,
  TextCursorInput,
  UserRoundCheck,
  Users,
  Webhook,
  type LucideIcon,
} from 'lucide-react'
import type { ComponentType } from 'react'
import { shellTexts as texts } from '../texts/en/shell.ts'

/** A part of the navigation; its words are in `texts.groups`. */
export type Group = keyof typeof texts.groups

/** A view of the console. It has its path and all that begin with it and a slash. */
export interface View {
  readonly path: string
  readonly title: string
  /** Its place in the navigation; a view without one is only linked to. */
  readonly group?: Group
  readonly icon: LucideIcon
  readonly load: () => Promise<{ readonly default: ComponentType }>
}

/** In the order of the navigation. `/` is the first one where none has that path. One line each. */
// prettier-ignore
export const views: readonly View[] = [
  { path: '/', title: texts.views.overview, group: 'watch', icon: Activity, load: () => import('../views/overview/overview.tsx') },
  { path: '/processes', title: texts.views.processes, group: 'watch', icon: Cpu, load: () => import('../views/overview/processes.tsx') },
  { path: '/findings', title: texts.views.findings, group: 'watch', icon: Stethoscope, load: () => import('../views/overview/findings.tsx') },
  { path: '/users', title: texts.views.users, group: 'chat', icon: Users, load: () => import('../views/users/users.tsx') },
  { path: '/roles', title: texts.views.roles, group: 'chat', icon: ShieldCheck, load: () => import('../views/roles/roles.tsx') },
  { path: '/channels', title: texts.views.channels, group: 'chat', icon: Hash, load: () => import('../views/channels/channels.tsx') },
  { path: '/members', title: texts.views.members, group: 'chat', icon: UserRoundCheck, load: () => import('../views/members/members.tsx') },
  { path: '/messages', title: texts.views.messages, group: 'chat', icon: MessageSquare, load: () => import('../views/messages/messages.tsx') },
  { path: '/invites', title: texts.views.invites, group: 'chat', icon: MailPlus, load: () => import('../views/invites/invites.tsx') },
  { path: '/go', title: texts.views.go, icon: Search, load: () => import('../views/go/go.tsx') },
  { path: '/connections', title: texts.views.connections, group: 'watch', icon: Cable, load: () => import('../views/live/connections.tsx') },
  { path: '/pending', title: texts.views.pending, group: 'watch', icon: Hourglass, load: () => import('../views/live/pending.tsx') },
  { path: '/limits', title: texts.views.limits, group: 'watch', icon: Gauge, load: () => import('../views/live/limits.tsx') },
  { path: '/services', title: texts.views.services, group: 'account', icon: Layers, load: () => import('../views/services/services.tsx') },
  { path: '/jobs', title: texts.views.jobs, group: 'flow', icon: ListChecks, load: () => import('../views/jobs/jobs.tsx') },
  { path: '/audit', title: texts.views.audit, group: 'account', icon: ScrollText, load: () => import('../views/audit/audit.tsx') },
  { path: '/scheduled', title: texts.views.scheduled, group: 'flow', icon: CalendarClock, load: () => import('../views/scheduled/scheduled.tsx') },
  { path: '/streams', title: texts.views.streams, group: 'flow', icon: TextCursorInput, load: () => import('../views/streams/streams.tsx') },
  { path: '/webhooks', title: texts.views.deliveries, group: 'flow', icon: Webhook, load: () => import('../views/deliveries/deliveries.tsx') },
  { path: '/endpoints', title: texts.views.endpoints, group: 'flow', icon: Radio, load: () => import('../views/endpoints/endpoints.tsx') },
  { path: '/rules/edit', title: texts.views.editRule, icon: ShieldCheck, load: () => import('../views/rules/edit-rule.tsx') },
  { path: '/rules', title: texts.views.rules, group: 'flow', icon: ShieldCheck, load: () => import('../views/rules/rules.tsx') },
  { path: '/flagged', title: texts.views.flagged, group: 'flow', icon: Flag, load: () => import('../views/rules/flagged.tsx') },
  { path: '/credentials', title: texts.views.credentials, group: 'account', icon: BellRing, load: () => import('../views/credentials/credentials.tsx') },
  { path: '/keys', title: texts.views.keys, group: 'account', icon: KeyRound, load: () => import('../views/keys/keys.tsx') },
  { path: '/sessions', title: texts.views.sessions, group: 'account', icon: MonitorSmartphone, load: () => import('../views/sessions/sessions.tsx') },
]
