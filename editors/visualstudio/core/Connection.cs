// JSON-RPC over two streams, each message behind a `Content-Length`.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Nextline.Protocol;

namespace Nextline.Core
{
    /// <summary>What the other side answered in the place of a result; its message is a sentence for people.</summary>
    public sealed class FaultException : Exception
    {
        /// <summary>As it came.</summary>
        public Fault Fault { get; }

        /// <summary>Of that fault.</summary>
        public FaultException(Fault fault) : base(fault.Message)
        {
            Fault = fault;
        }
    }

    /// <summary>One connection. Messages go out in the order of the calls; nothing here waits for the other side.</summary>
    public sealed class Connection : IDisposable
    {
        private const string Length = "Content-Length";

        private readonly Stream input;
        private readonly Stream output;
        private readonly BlockingCollection<byte[]> outbox = new BlockingCollection<byte[]>();
        private readonly ConcurrentDictionary<long, TaskCompletionSource<object>> asked = new ConcurrentDictionary<long, TaskCompletionSource<object>>();
        private long last;
        private int over;

        /// <summary>A notification came: its method and params. On the reading thread, in the order of the wire.</summary>
        public Action<string, object> Notified { get; set; }

        /// <summary>A request came: its method and params; answers the result.</summary>
        public Func<string, object, Task<object>> Asked { get; set; }

        /// <summary>The connection ended; every open request has failed. Called once.</summary>
        public Action<string> Closed { get; set; }

        /// <summary>Over what the other side says and what it hears.</summary>
        public Connection(Stream input, Stream output)
        {
            this.input = new BufferedStream(input);
            this.output = output;
        }

        /// <summary>Begins to read and to write.</summary>
        public void Start()
        {
            new Thread(ReadAll) { IsBackground = true, Name = "nextline reads" }.Start();
            new Thread(WriteAll) { IsBackground = true, Name = "nextline writes" }.Start();
        }

        /// <summary>Asks; cancelling tells the other side so and ends the wait.</summary>
        public Task<object> Request(string method, object given, CancellationToken cancel = default(CancellationToken))
        {
            var id = Interlocked.Increment(ref last);
            // Who waits goes on elsewhere: the reading thread reads.
            var answer = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
            asked[id] = answer;
            Send(new Dictionary<string, object> { { "jsonrpc", "2.0" }, { "id", id }, { "method", method }, { "params", given } });
            if (over != 0)
            {
                Forget("the connection has ended");
            }
            var stop = cancel.Register(() =>
            {
                if (asked.TryRemove(id, out var waiting))
                {
                    Notify(Lsp.CancelRequest, new CancelParams { Id = id }.Json());
                    waiting.TrySetCanceled();
                }
            });
            answer.Task.ContinueWith(_ => stop.Dispose(), TaskContinuationOptions.ExecuteSynchronously);
            return answer.Task;
        }

        /// <summary>Says something that has no answer.</summary>
        public void Notify(string method, object given)
        {
            Send(new Dictionary<string, object> { { "jsonrpc", "2.0" }, { "method", method }, { "params", given } });
        }

        /// <summary>Ends it from this side.</summary>
        public void Dispose()
        {
            End("the connection was closed");
        }

        private void Send(Dictionary<string, object> message)
        {
            var body = Encoding.UTF8.GetBytes(Json.Write(message));
            var head = Encoding.ASCII.GetBytes(Length + ": " + body.Length + "\r\n\r\n");
            var frame = new byte[head.Length + body.Length];
            head.CopyTo(frame, 0);
            body.CopyTo(frame, head.Length);
            try
            {
                outbox.Add(frame);
            }
            catch (InvalidOperationException)
            {
                // It has ended: requests have failed, and notifications have nobody to hear them.
            }
        }

        private void WriteAll()
        {
            try
            {
                foreach (var frame in outbox.GetConsumingEnumerable())
                {
                    output.Write(frame, 0, frame.Length);
                    if (outbox.Count == 0)
                    {
                        output.Flush();
                    }
                }
                output.Close();
            }
            catch (Exception error) when (error is IOException || error is ObjectDisposedException)
            {
                End(error.Message);
            }
        }

        private void ReadAll()
        {
            try
            {
                for (var body = Body(input); body != null; body = Body(input))
                {
                    Take(Json.Read(body) as Dictionary<string, object> ?? new Dictionary<string, object>());
                }
                End("the agent closed the connection");
            }
            catch (Exception error) when (error is IOException || error is ObjectDisposedException || error is FormatException)
            {
                End(error.Message);
            }
        }

        private void Take(Dictionary<string, object> message)
        {
            message.TryGetValue("id", out var id);
            message.TryGetValue("params", out var given);
            if (message.TryGetValue("method", out var method))
            {
                if (id == null)
                {
                    Notified?.Invoke((string)method, given);
                }
                else
                {
                    Task.Run(() => Answer(id, (string)method, given));
                }
                return;
            }
            if (!(id is long number) || !asked.TryRemove(number, out var waiting))
            {
                return;
            }
            if (message.TryGetValue("error", out var error) && error != null)
            {
                waiting.TrySetException(new FaultException(Fault.From(error)));
            }
            else
            {
                message.TryGetValue("result", out var result);
                waiting.TrySetResult(result);
            }
        }

        private async Task Answer(object id, string method, object given)
        {
            var reply = new Dictionary<string, object> { { "jsonrpc", "2.0" }, { "id", id } };
            try
            {
                var answer = Asked == null ? Task.FromException<object>(Unknown(method)) : Asked(method, given);
                reply["result"] = await answer.ConfigureAwait(false);
            }
            catch (FaultException fault)
            {
                reply["error"] = fault.Fault.Json();
            }
            catch (Exception error)
            {
                reply["error"] = new Fault { Code = Codes.RequestFailed, Message = error.Message }.Json();
            }
            Send(reply);
        }

        /// <summary>The fault for a method that nobody here knows.</summary>
        public static FaultException Unknown(string method)
        {
            return new FaultException(new Fault { Code = Codes.MethodNotFound, Message = "there is no method " + method + " here" });
        }

        private void End(string reason)
        {
            if (Interlocked.Exchange(ref over, 1) != 0)
            {
                return;
            }
            outbox.CompleteAdding();
            Forget(reason);
            Closed?.Invoke(reason);
        }

        private void Forget(string reason)
        {
            foreach (var id in asked.Keys)
            {
                if (asked.TryRemove(id, out var waiting))
                {
                    waiting.TrySetException(new IOException(reason));
                }
            }
        }

        /// <summary>The next body; null at the end of the stream.</summary>
        private static string Body(Stream input)
        {
            var length = -1;
            for (var line = Line(input); line == null || line.Length > 0 || length < 0; line = Line(input))
            {
                if (line == null)
                {
                    return null;
                }
                var colon = line.IndexOf(':');
                if (colon > 0 && line.Substring(0, colon).Trim().Equals(Length, StringComparison.OrdinalIgnoreCase)
                    && !int.TryParse(line.Substring(colon + 1).Trim(), out length))
                {
                    throw new FormatException("a bad " + Length);
                }
            }
            var body = new byte[length];
            for (int filled = 0, read; filled < length; filled += read)
            {
                read = input.Read(body, filled, length - filled);
                if (read == 0)
                {
                    return null;
                }
            }
            return Encoding.UTF8.GetString(body);
        }

        private static string Line(Stream input)
        {
            var line = new StringBuilder();
            for (var one = input.ReadByte(); one >= 0; one = input.ReadByte())
            {
                if (one == '\n')
                {
                    return line.ToString().TrimEnd('\r');
                }
                line.Append((char)one);
            }
            return null;
        }
    }
}
