import { builder } from './builder.ts'
import './scalars.ts'
import './types/channel.ts'
import './types/member.ts'
import './types/message.ts'
import './types/user.ts'
import './types/viewer.ts'
import './types/delivery.ts'
import './types/typing.ts'
import './types/event.ts'
import './subscription.ts'

export const schema = builder.toSchema()
