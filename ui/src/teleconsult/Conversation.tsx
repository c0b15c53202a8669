import { useLayoutEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../design'
import { shortWhen } from '../i18n/format'
import type { MessageView } from '../ipc/generated/MessageView'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'

/** Oldest first, opened at the end. */
export function Conversation({ view }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const box = useRef<HTMLDivElement>(null)
  const count = view.messages.length
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message brings the end into sight
  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight
  }, [count])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="conversation" ref={box} aria-label={t('conversation')} tabIndex={0} data-testid="conversation">
      <ol>
        {view.messages.map((message) => (
          <Message key={message.id} message={message} />
        ))}
      </ol>
    </section>
  )
}

function Message({ message }: { message: MessageView }) {
  const { t } = useTranslation('teleconsult')
  return (
    <li className={`message${message.mine ? ' is-mine' : ''}`} data-kind={message.kind}>
      <i className="message-face" aria-hidden="true">
        {message.author
          .split(' ')
          .slice(0, 2)
          .map((part) => part.charAt(0))
          .reverse()
          .join('')
          .toLocaleUpperCase('it')}
      </i>
      <div className="message-box">
        <p className="t-xs mut">
          <b className="message-who">{message.mine ? capital(t('you')) : message.author}</b>
          {message.author_role && !message.mine ? `, ${message.author_role}` : ''}, {shortWhen(message.at)}
          {message.kind === 'question' ? null : (
            <>
              , <b>{t(`kinds.${message.kind}`)}</b>
            </>
          )}
        </p>
        <p className="message-text">{message.text}</p>
        {message.queue && message.queue !== 'confirmed' ? (
          <p className="t-xs c-off line tight">
            <Icon name="queue" size="s" />
            {t(`queue.${message.queue}`)}
          </p>
        ) : null}
      </div>
    </li>
  )
}

const capital = (word: string) => word.charAt(0).toLocaleUpperCase('it') + word.slice(1)
