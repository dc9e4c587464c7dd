import { channelParam, OfChannel } from '../../kit/channel-param.tsx'
import { ChoiceFilter, ClearFilters, Filters, TextFilter } from '../../kit/filters.tsx'
import { Page } from '../../kit/page.tsx'
import { useUrl } from '../../kit/url.ts'
import { messagesTexts as texts } from '../../texts/en/messages.ts'
import { peopleTexts } from '../../texts/en/people.ts'
import { Found } from './found.tsx'
import { History } from './history.tsx'
import './messages.css'

/** The history of a channel, or what a search finds in it or in the whole service. */
export default function Messages() {
  const url = useUrl()
  const query = url.get('q')
  const isSearch = query !== undefined
  return (
    <Page title={texts.title} says={texts.says}>
      <Filters>
        <TextFilter name="q" label={texts.search} placeholder={texts.searchPlaceholder} />
        <TextFilter name={channelParam} label={peopleTexts.channel} placeholder={peopleTexts.channelPlaceholder} />
        {isSearch ? (
          <ChoiceFilter name="order" label={texts.order} all={texts.relevance} choices={texts.orders} />
        ) : (
          <>
            <TextFilter name="at" label={texts.jump} placeholder={texts.jumpPlaceholder} />
            <ChoiceFilter name="replies" label={texts.replies} all={texts.shown} choices={texts.withReplies} />
          </>
        )}
        <ClearFilters names={['q', 'at', 'replies', 'order']} />
      </Filters>
      {isSearch && url.get(channelParam) === undefined ? (
        <Found query={query} />
      ) : (
        <OfChannel>
          {(channel) => (isSearch ? <Found query={query} channel={channel} /> : <History channel={channel} />)}
        </OfChannel>
      )}
    </Page>
  )
}
