-- The plugin's `settings` reach the real server, at the start and when they change.
return function(T)
  T.setup({
    cmd = { vim.env.NEXTLINE_BIN, 'lsp' },
    settings = { completion = { languages = { rust = false } } },
  })
  local client = T.attached()
  T.learnt(client)
  T.type('Go#[cfg(test)')
  T.check('off for Rust', '', T.screen())
  local nextline = require('nextline')
  nextline.status()
  local reason = T.wait('the reason', function()
    return nextline.status():match('^nextline local %((.+)%)$')
  end)
  T.note('reason', reason)

  client.settings = { nextline = { completion = { languages = { rust = true } } } }
  client:notify('workspace/didChangeConfiguration', { settings = client.settings })
  -- The server may ask for its settings before it takes them: what is typed until then is still refused.
  local tries = 0
  repeat
    tries = tries + 1
    T.keys('<Esc>cc#[cfg(te')
  until nextline.visible() or tries == 200
  T.check('on for Rust', true, nextline.visible())
end
