-- A language server inside Neovim that says what a scenario wants: for behaviour that must not hang on what a model
-- has learnt. `answer(before, after, params)` gives the result of textDocument/inlineCompletion.
return function(answer)
  return function(dispatchers)
    local closing, id = false, 0
    local results = {
      initialize = {
        serverInfo = { name = 'nextline', version = 'scripted' },
        capabilities = {
          positionEncoding = 'utf-16',
          textDocumentSync = { openClose = true, change = 2 },
          inlineCompletionProvider = true,
          executeCommandProvider = { commands = { 'nextline.didAccept' } },
        },
      },
      ['agent/why'] = { reason = 'unsure', detail = 'nothing was sure enough', since = 1 },
    }
    local function result_of(method, params)
      if method ~= 'textDocument/inlineCompletion' then
        return results[method]
      end
      local bufnr = vim.uri_to_bufnr(params.textDocument.uri)
      local line = vim.api.nvim_buf_get_lines(bufnr, params.position.line, params.position.line + 1, false)[1] or ''
      local col = require('nextline.text').byte(line, params.position.character, 'utf-16')
      return answer(line:sub(1, col), line:sub(col + 1), params)
    end
    local function leave()
      if not closing then
        closing = true
        dispatchers.on_exit(0, 0)
      end
    end
    _G.scripted_leave = leave
    return {
      request = function(method, params, callback, finished)
        id = id + 1
        local mine = id
        vim.schedule(function()
          if finished then
            finished(mine)
          end
          callback(nil, result_of(method, params), mine)
        end)
        return true, mine
      end,
      notify = function(method)
        if method == 'exit' then
          leave()
        end
        return true
      end,
      is_closing = function()
        return closing
      end,
      terminate = leave,
    }
  end
end
