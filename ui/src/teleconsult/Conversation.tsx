import { Fragment, useLayoutEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Badge, Icon } from '../design'
import { briefSpan, shortWhen } from '../i18n/format'
import type { AnswerOpening } from '../ipc/generated/AnswerOpening'
import type { MessageView } from '../ipc/generated/MessageView'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { LINES } from './answer'

/** Oldest first, opened at the end. */
export function Conversation({ view }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const box = useRef<HTMLDivElement>(null)
  const count = view.messages.length
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message brings the end into sight
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const toEnd = () => {
      element.scrollTop = element.scrollHeight
    }
    toEnd()
    if (typeof ResizeObserver === 'undefined') return
    // What is written below it takes its room a moment later: the end stays in sight until the reader scrolls away from it.
    let atEnd = true
    const scrolled = () => {
      atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 8
    }
    element.addEventListener('scroll', scrolled)
    const size = new ResizeObserver(() => {
      if (atEnd) toEnd()
    })
    size.observe(element)
    return () => {
      element.removeEventListener('scroll', scrolled)
      size.disconnect()
    }
  }, [count])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="conversation" ref={box} aria-label={t('conversation')} tabIndex={0} data-testid="conversation">
      <ol>
        {view.messages.map((message, index) => (
          <Fragment key={message.id}>
            <Pause after={view.messages[index - 1]} until={message} />
            <Message message={message} />
            {index === 0 && view.particulars.length > 0 ? <Particulars items={view.particulars} /> : null}
          </Fragment>
        ))}
        {view.clock?.standing ? <Stood>{t('clockStands')}</Stood> : null}
      </ol>
    </section>
  )
}

/** The stretch in which the clock stood still, between a question back and its reply. */
function Pause({ after, until }: { after: MessageView | undefined; until: MessageView }) {
  const { t } = useTranslation('teleconsult')
  if (after?.kind !== 'information_request' || until.kind !== 'reply') return null
  return <Stood>{t('clockStood', { span: briefSpan(Date.parse(until.at) - Date.parse(after.at)) })}</Stood>
}

function Stood({ children }: { children: React.ReactNode }) {
  return (
    <li className="conversation-pause t-xs mut" data-testid="clock-stood">
      <Icon name="due" size="s" />
      {children}
    </li>
  )
}

/** What the speciality's template asked. */
function Particulars({ items }: { items: [string, string][] }) {
  const { t } = useTranslation('teleconsult')
  return (
    <li className="message-particulars" data-testid="particulars">
      <b className="t-xs">{t('particulars')}</b>
      <dl>
        {items.map(([ask, words]) => (
          <div key={ask}>
            <dt className="mut">{ask}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </li>
  )
}

/** The three lines that open an answer. */
export function Opening({ opening }: { opening: AnswerOpening }) {
  const { t } = useTranslation('teleconsult')
  return (
    <>
      <dl className="opening" data-testid="opening">
        {LINES.filter((line) => opening[line] !== '').map((line) => (
          <div key={line}>
            <dt>{t(`opening.${line}`)}</dt>
            <dd>{opening[line]}</dd>
          </div>
        ))}
      </dl>
      {opening.control_visit ? (
        <p className="opening-control">
          <Badge tone="info" icon="video" testId="control-visit">
            {t('opening.control')}
          </Badge>
        </p>
      ) : null}
    </>
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
              {message.to ? ` ${t('to', { name: message.to })}` : ''}
            </>
          )}
          {message.disagrees ? (
            <>
              {' '}
              <Badge tone="warn" icon="warning-circle" testId="disagrees">
                {t('disagrees')}
              </Badge>
            </>
          ) : null}
        </p>
        {message.opening ? <Opening opening={message.opening} /> : null}
        {message.text ? <p className="message-text">{message.text}</p> : null}
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
