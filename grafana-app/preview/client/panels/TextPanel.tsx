import { PanelPlugin, renderMarkdown, type PanelProps } from '@grafana/data'

interface Options {
  content: string
}

function TextPanel({ options, replaceVariables }: PanelProps<Options>) {
  const html = renderMarkdown(replaceVariables(options.content))
  return <div className="markdown-html" dangerouslySetInnerHTML={{ __html: html }} />
}

export const plugin = new PanelPlugin<Options>(TextPanel).setPanelOptions((builder) =>
  builder.addTextInput({ path: 'content', name: 'Content', defaultValue: '' }),
)
